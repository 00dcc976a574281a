"""The users of a team."""

from random import Random
from typing import Any

from appstore.sandbox.model import Program, Resource
from appstore.sandbox.names import Person

_ROLES = (["ACCOUNT_HOLDER", "ADMIN"], ["ADMIN"], ["APP_MANAGER"], ["DEVELOPER"], ["MARKETING", "SALES"])
_ENTERPRISE_ROLES = (["ACCOUNT_HOLDER", "ADMIN"], ["ADMIN"], ["DEVELOPER"])


def users(random: Random, people: list[Person], program: Program, domain: str) -> list[Resource]:
    """One user for each person, the account holder first. In the Enterprise API users have no apps."""
    enterprise = program is Program.ENTERPRISE
    found = []
    for person, roles in zip(people, _ENTERPRISE_ROLES if enterprise else _ROLES, strict=False):
        attributes: dict[str, Any] = {
            "username": f"{person.first_name}.{person.last_name}@{domain}.example".lower(),
            "firstName": person.first_name,
            "lastName": person.last_name,
            "roles": list(roles),
        }
        if not enterprise:
            attributes |= {
                "allAppsVisible": True,
                "provisioningAllowed": "DEVELOPER" in roles or "ADMIN" in roles,
            }
        object_id = f"{random.getrandbits(128):032x}"
        found.append(Resource("users", object_id, attributes, {"visibleApps": []}))
    return found
