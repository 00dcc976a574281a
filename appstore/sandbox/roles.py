"""What a key may read, by its role and kind.

Apple publishes no matrix per endpoint. This is our reading of its help pages, on the cautious side: a key
that works here works there.

* ADMIN reads everything, and alone reads users.
* APP_MANAGER reads apps. Certificates, Identifiers & Profiles is an extra access that people are granted one
  by one and keys are not.
* DEVELOPER reads apps, devices, bundle IDs (with capabilities), profiles, and of the certificates only those
  for development.
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

    def sees(self, resource: Resource) -> bool:
        """Whether this object is among what those endpoints answer."""
        if self.role is Role.DEVELOPER and resource.type == "certificates":
            return resource.attributes["certificateType"] in DEVELOPMENT_TYPES
        return True
