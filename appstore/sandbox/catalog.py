"""The collections of the two APIs and what may be asked of them: Apple's OpenAPI documents, condensed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from appstore.sandbox.model import Program
from appstore.sandbox.values import (
    CERTIFICATE_TYPES,
    ENTERPRISE_CERTIFICATE_TYPES,
    ENTERPRISE_PLATFORMS,
    ENTERPRISE_USER_ROLES,
    PLATFORMS,
    PROFILE_TYPES,
    USER_ROLES,
)


@dataclass(frozen=True)
class Filter:
    """`like` matches a part of the value; `values` are the ones that Apple accepts, where it is strict."""

    attribute: str
    like: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relationship:
    """`pages` is False where the live API refuses `limit` although its OpenAPI document offers it."""

    target: str
    many: bool = True
    pages: bool = True


@dataclass(frozen=True)
class ResourceType:
    """`listed` is False for objects that can only be read through a relationship.

    `writes` are the writes that the API offers and the sandbox serves, in Apple's words.
    """

    name: str
    attributes: tuple[str, ...]
    relationships: Mapping[str, Relationship] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    sorts: tuple[str, ...] = ()
    listed: bool = True
    writes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """One API. `linkages` tells whether it has the `/relationships/` paths."""

    types: Mapping[str, ResourceType]
    linkages: bool


CREATE, UPDATE, DELETE = "CREATE", "UPDATE", "DELETE"
_ID = Filter("id")

CERTIFICATES = ResourceType(
    "certificates",
    # csrContent is always null; Apple's own clients still insist on its presence.
    (
        "name",
        "certificateType",
        "displayName",
        "serialNumber",
        "platform",
        "expirationDate",
        "certificateContent",
        "csrContent",
        "activated",
    ),
    {"passTypeId": Relationship("passTypeIds", many=False)},
    {
        "displayName": Filter("displayName", like=True),
        "certificateType": Filter("certificateType", values=CERTIFICATE_TYPES),
        "serialNumber": Filter("serialNumber"),
        "id": _ID,
    },
    ("displayName", "certificateType", "serialNumber", "id"),
    writes=(CREATE, DELETE),  # and UPDATE, of Apple Pay certificates, which the sandbox does not issue
)
PROFILES = ResourceType(
    "profiles",
    (
        "name",
        "platform",
        "profileType",
        "profileState",
        "profileContent",
        "uuid",
        "createdDate",
        "expirationDate",
    ),
    {
        "bundleId": Relationship("bundleIds", many=False),
        "devices": Relationship("devices"),
        "certificates": Relationship("certificates"),
    },
    {
        "name": Filter("name", like=True),
        "profileType": Filter("profileType", values=PROFILE_TYPES),
        "profileState": Filter("profileState", values=("ACTIVE", "INVALID")),
        "id": _ID,
    },
    ("name", "profileType", "profileState", "id"),
    writes=(CREATE, DELETE),
)
BUNDLE_IDS = ResourceType(
    "bundleIds",
    ("name", "platform", "identifier", "seedId"),
    {
        "profiles": Relationship("profiles"),
        "bundleIdCapabilities": Relationship("bundleIdCapabilities", pages=False),
        "app": Relationship("apps", many=False),
    },
    {
        "name": Filter("name", like=True),
        "platform": Filter("platform", values=PLATFORMS),
        "identifier": Filter("identifier", like=True),
        "seedId": Filter("seedId"),
        "id": _ID,
    },
    ("name", "platform", "identifier", "seedId", "id"),
    writes=(CREATE, UPDATE, DELETE),
)
CAPABILITIES = ResourceType(
    "bundleIdCapabilities", ("capabilityType", "settings"), listed=False, writes=(CREATE, UPDATE, DELETE)
)
DEVICES = ResourceType(
    "devices",
    ("name", "platform", "udid", "deviceClass", "status", "model", "addedDate"),
    filters={
        "name": Filter("name", like=True),
        "platform": Filter("platform", values=PLATFORMS),
        "udid": Filter("udid"),
        "status": Filter("status", values=("ENABLED", "DISABLED")),
        "id": _ID,
    },
    sorts=("name", "platform", "udid", "status", "id"),
    writes=(CREATE, UPDATE),
)
PASS_TYPE_IDS = ResourceType(
    "passTypeIds",
    ("name", "identifier"),
    {"certificates": Relationship("certificates")},
    {"name": Filter("name", like=True), "identifier": Filter("identifier", like=True), "id": _ID},
    ("name", "identifier", "id"),
)
APPS = ResourceType(
    "apps",
    ("name", "bundleId", "sku", "primaryLocale", "isOrEverWasMadeForKids", "contentRightsDeclaration"),
    filters={
        "name": Filter("name", like=True),
        "bundleId": Filter("bundleId", like=True),
        "sku": Filter("sku"),
        "id": _ID,
    },
    sorts=("name", "bundleId", "sku"),
)
USERS = ResourceType(
    "users",
    ("username", "firstName", "lastName", "roles", "allAppsVisible", "provisioningAllowed"),
    {"visibleApps": Relationship("apps")},
    {"username": Filter("username"), "roles": Filter("roles", values=USER_ROLES)},
    ("username", "lastName"),
)


def _app_store() -> Catalog:
    types = (CERTIFICATES, PROFILES, BUNDLE_IDS, CAPABILITIES, DEVICES, PASS_TYPE_IDS, APPS, USERS)
    return Catalog({each.name: each for each in types}, linkages=True)


def _enterprise() -> Catalog:
    """The same without apps and everything that leads to one, and with fewer values."""
    platforms = Filter("platform", values=ENTERPRISE_PLATFORMS)
    types = (
        replace(
            CERTIFICATES,
            attributes=tuple(name for name in CERTIFICATES.attributes if name != "activated"),
            filters={
                **CERTIFICATES.filters,
                "certificateType": Filter("certificateType", values=ENTERPRISE_CERTIFICATE_TYPES),
            },
        ),
        PROFILES,
        replace(
            BUNDLE_IDS,
            relationships={
                name: each for name, each in BUNDLE_IDS.relationships.items() if each.target != "apps"
            },
            filters={**BUNDLE_IDS.filters, "platform": platforms},
        ),
        CAPABILITIES,
        replace(DEVICES, filters={**DEVICES.filters, "platform": platforms}),
        PASS_TYPE_IDS,
        replace(
            USERS,
            attributes=("username", "firstName", "lastName", "roles"),
            relationships={},
            filters={
                **USERS.filters,
                "roles": Filter("roles", values=ENTERPRISE_USER_ROLES),
            },
        ),
    )
    return Catalog({each.name: each for each in types}, linkages=False)


CATALOGS: Mapping[Program, Catalog] = {Program.APP_STORE: _app_store(), Program.ENTERPRISE: _enterprise()}
