"""Bundle IDs with their capabilities, and the apps that were made from them."""

from collections.abc import Iterable
from random import Random
from typing import Any

from appstore.sandbox.model import Resource, Team
from appstore.sandbox.names import apple_id

_PRODUCTS = (
    "Atlas", "Beacon", "Courier", "Dispatch", "Ember", "Fieldnotes", "Granite", "Harbor",
    "Inkwell", "Journey", "Kiosk", "Lantern", "Meridian", "Nimbus", "Orchard", "Pulse",
)  # fmt: skip
_PARTS = ("", "Widget", "Watch App", "Share Extension", "Notification Service", "Clip")
_ROUND = ("IOS", "IOS", "IOS", "MAC_OS", "IOS", "UNIVERSAL", "IOS")
_WILDCARD = 2  # its place among a team's bundle IDs
_CAPABILITIES = ("PUSH_NOTIFICATIONS", "APP_GROUPS", "ASSOCIATED_DOMAINS", "SIRIKIT", "NFC_TAG_READING")
_ICLOUD_SETTINGS = [
    {
        "key": "ICLOUD_VERSION",
        "name": "iCloud",
        "enabledByDefault": True,
        "visible": True,
        "allowedInstances": "SINGLE",
        "minInstances": 1,
        "options": [{"key": "XCODE_6", "name": "Include CloudKit support", "enabled": True}],
    }
]


def bundle_id(random: Random, team: Team, *, name: str, identifier: str, platform: str) -> Resource:
    attributes = {"name": name, "platform": platform, "identifier": identifier, "seedId": team.team_id}
    relationships: dict[str, list[str]] = {"profiles": [], "bundleIdCapabilities": [], "app": []}
    return Resource("bundleIds", apple_id(random), attributes, relationships)


def bundle_ids(random: Random, team: Team, count: int, domain: str, *, universal: bool) -> list[Resource]:
    """A team's bundle IDs; the third is a wildcard. The Enterprise API knows no UNIVERSAL ones."""
    found = []
    for index in range(count):
        product, part = _PRODUCTS[index % len(_PRODUCTS)], _PARTS[(index // len(_PRODUCTS)) % len(_PARTS)]
        again = index // (len(_PRODUCTS) * len(_PARTS))
        name = " ".join(word for word in (product, part, str(again + 1) if again else "") if word)
        identifier = f"com.{domain}.{name.lower().replace(' ', '.')}"
        platform = _ROUND[index % len(_ROUND)]
        if index == _WILDCARD:
            name, identifier, platform = f"{team.name} Wildcard", f"com.{domain}.*", "IOS"
        if platform == "UNIVERSAL" and not universal:
            platform = "IOS"
        found.append(bundle_id(random, team, name=name, identifier=identifier, platform=platform))
    return found


def is_wildcard(resource: Resource) -> bool:
    return str(resource.attributes["identifier"]).endswith("*")


def capabilities(random: Random, owner: Resource) -> list[Resource]:
    """The capabilities of a bundle ID, linked from it. In-app purchase is on by default for explicit ones."""
    chosen = random.sample(_CAPABILITIES, k=random.randint(0, 3))
    if not is_wildcard(owner):
        chosen = ["IN_APP_PURCHASE", *chosen, *(["ICLOUD"] if random.random() < 0.4 else [])]
    return [capability(owner, name) for name in chosen]


def capability(owner: Resource, name: str, settings: list[Any] | None = None) -> Resource:
    """One capability, linked from its bundle ID; Apple's own settings where none are given."""
    if settings is None:
        settings = _ICLOUD_SETTINGS if name == "ICLOUD" else []
    made = Resource(
        "bundleIdCapabilities", f"{owner.id}_{name}", {"capabilityType": name, "settings": settings}
    )
    if made.id not in (linked := owner.relationships["bundleIdCapabilities"]):
        linked.append(made.id)
    return made


def apps(random: Random, owners: Iterable[Resource]) -> list[Resource]:
    """An app for every other explicit bundle ID, linked from it."""
    found = []
    for owner in [each for each in owners if not is_wildcard(each)][::2]:
        attributes = {
            "name": owner.attributes["name"],
            "bundleId": owner.attributes["identifier"],
            "sku": f"SKU-{random.randint(1000, 9999)}",
            "primaryLocale": "en-US",
            "isOrEverWasMadeForKids": False,
            "contentRightsDeclaration": "DOES_NOT_USE_THIRD_PARTY_CONTENT",
        }
        app = Resource("apps", str(random.randint(1_400_000_000, 6_800_000_000)), attributes)
        owner.relationships["app"] = [app.id]
        found.append(app)
    return found
