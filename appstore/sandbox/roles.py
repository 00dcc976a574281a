"""What a key may read and write, by its role and kind.

Apple publishes no matrix per endpoint. This is our reading of its help pages, on the cautious side: a key
that works here works there.

* ADMIN reads and writes everything, and alone reads users.
* APP_MANAGER reads apps. Certificates, Identifiers & Profiles is an extra access that people are granted one
  by one and keys are not.
* DEVELOPER reads apps, devices, bundle IDs (with capabilities), profiles, and of the certificates only those
  for development. It writes certificates and profiles for development; App IDs and devices are Xcode's to
  register for it, by a way that keys do not have.
* INDIVIDUAL keys are shut out of every provisioning endpoint, whatever the role ("Individual keys aren't
  able to use Provisioning endpoints").
"""

from collections.abc import Mapping
from dataclasses import dataclass

from appstore.sandbox.model import Key, Kind, Resource, Role

PROVISIONING = frozenset(
    {"certificates", "profiles", "bundleIds", "bundleIdCapabilities", "devices", "passTypeIds"}
)
DEVELOPMENT_TYPES = frozenset({"DEVELOPMENT", "IOS_DEVELOPMENT", "MAC_APP_DEVELOPMENT"})
_READS: Mapping[Role, frozenset[str]] = {
    Role.ADMIN: PROVISIONING | {"apps", "users"},
    Role.APP_MANAGER: frozenset({"apps"}),
    Role.DEVELOPER: PROVISIONING - {"passTypeIds"} | {"apps"},
}


@dataclass(frozen=True)
class Access:
    role: Role
    kind: Kind

    @classmethod
    def of(cls, key: Key) -> "Access":
        return cls(key.role, key.kind)

    def may_read(self, collection: str) -> bool:
        """Whether the endpoints of this collection answer at all."""
        if self.kind is Kind.INDIVIDUAL and collection in PROVISIONING:
            return False
        return collection in _READS[self.role]

    def may_write(self, collection: str, kind: str = "") -> bool:
        """Whether it may make, change or remove such an object, `kind` being its type where it has one."""
        if self.kind is Kind.INDIVIDUAL or collection not in PROVISIONING:
            return False
        if self.role is Role.DEVELOPER:
            return (collection == "certificates" and kind in DEVELOPMENT_TYPES) or (
                collection == "profiles" and kind.endswith("_DEVELOPMENT")
            )
        return self.role is Role.ADMIN

    def sees(self, resource: Resource) -> bool:
        """Whether this object is among what those endpoints answer."""
        if self.role is Role.DEVELOPER and resource.type == "certificates":
            return resource.attributes["certificateType"] in DEVELOPMENT_TYPES
        return True
