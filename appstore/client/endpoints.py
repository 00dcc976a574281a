"""The endpoints that a key is good for or not, and which key to ask for where it is not.

https://developer.apple.com/support/roles/ tells what people may do; Apple publishes no table for keys.
"""

from dataclasses import dataclass

from .tokens import ENTERPRISE, INDIVIDUAL

_PROVISIONING_ROLES = "Admin, or App Manager or Developer with access to Certificates, Identifiers & Profiles"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`name` is Apple's, as in /v1/bundleIds; `label` is for people."""

    name: str
    label: str
    role: str = _PROVISIONING_ROLES

    @property
    def path(self) -> str:
        return f"/v1/{self.name}"

    @property
    def noun(self) -> str:
        """The label within a sentence: `bundle IDs`."""
        return self.label[0].lower() + self.label[1:]


PROVISIONING = (
    Endpoint("certificates", "Certificates"),
    Endpoint("profiles", "Profiles"),
    Endpoint("bundleIds", "Bundle IDs"),
    Endpoint("devices", "Devices"),
)
USERS = Endpoint("users", "Users", "Admin")
APPS = Endpoint("apps", "Apps", "any role")


def endpoints_for(key_type: str) -> tuple[Endpoint, ...]:
    """What keys of this type are about, whether the one at hand may use it or not."""
    # The Enterprise API has no apps.
    return (*PROVISIONING, USERS) if key_type == ENTERPRISE else (*PROVISIONING, USERS, APPS)


def role_for(endpoint: Endpoint, key_type: str) -> str:
    """The role to ask for where a key of this type is refused."""
    if key_type == INDIVIDUAL and endpoint in PROVISIONING:
        return f"a Team key; {endpoint.role}"  # Individual keys are refused there whatever their role
    if key_type == ENTERPRISE:
        return "Admin"  # the only other role of Enterprise keys is Developer
    return endpoint.role
