"""Provisioning profiles: property lists in a CMS signature, as Xcode and CI read them."""

import base64
import plistlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from appstore.client.entitlements import ENTITLEMENTS
from appstore.sandbox.authority import Authority
from appstore.sandbox.model import Resource, Team
from appstore.sandbox.names import apple_date, apple_id
from appstore.sandbox.profile_types import TYPES, ProfileType


@dataclass(frozen=True)
class ProfileOrder:
    """A profile to be made, and the objects that go into it. An invalid one has no content."""

    name: str
    type: str
    bundle_id: Resource
    certificates: Sequence[Resource]
    devices: Sequence[Resource]
    created: datetime
    expires: datetime
    invalid: bool = False


def profile(random: Random, authority: Authority, team: Team, order: ProfileOrder) -> Resource:
    """Make a profile, link it from its bundle ID, and describe it as the API does."""
    kind = TYPES[order.type]
    identifier = str(uuid.UUID(int=random.getrandbits(128), version=4))
    content = None
    if not order.invalid:
        content = base64.b64encode(_sign(authority, _property_list(team, kind, order, identifier))).decode()
    attributes = {
        "name": order.name,
        "platform": kind.platform,
        "profileType": order.type,
        "profileState": "INVALID" if order.invalid else "ACTIVE",
        "profileContent": content,
        "uuid": identifier,
        "createdDate": apple_date(order.created),
        "expirationDate": apple_date(order.expires),
    }
    relationships = {
        "bundleId": [order.bundle_id.id],
        "devices": [each.id for each in order.devices],
        "certificates": [each.id for each in order.certificates],
    }
    made = Resource("profiles", apple_id(random), attributes, relationships)
    order.bundle_id.relationships["profiles"].append(made.id)
    return made


def move_end(authority: Authority, found: Resource, expires: datetime) -> None:
    """Another end, in Apple's list and in the file, whose UUID stays. Its state stays as well: Apple's documents know
    ACTIVE and INVALID alone, and what is past its end goes on being ACTIVE. (EXPIRED was seen, and is written nowhere.)
    """
    found.attributes["expirationDate"] = apple_date(expires)
    if content := found.attributes["profileContent"]:
        file = base64.b64decode(content)
        told = plistlib.loads(file[file.index(b"<?xml") : file.index(b"</plist>") + len(b"</plist>")])
        signed = _sign(authority, told | {"ExpirationDate": expires.replace(tzinfo=None)})
        found.attributes["profileContent"] = base64.b64encode(signed).decode()


def _property_list(team: Team, kind: ProfileType, order: ProfileOrder, identifier: str) -> dict[str, Any]:
    """The documented keys. DER-Encoded-Profile is left out: Apple keeps its format to itself."""
    content: dict[str, Any] = {
        "AppIDName": order.bundle_id.attributes["name"],
        "ApplicationIdentifierPrefix": [team.team_id],
        "CreationDate": order.created.replace(tzinfo=None),
        "Platform": list(kind.platforms),
        "IsXcodeManaged": False,
        "DeveloperCertificates": [
            base64.b64decode(each.attributes["certificateContent"]) for each in order.certificates
        ],
        "Entitlements": _entitlements(team, kind, order.bundle_id),
        "ExpirationDate": order.expires.replace(tzinfo=None),
        "Name": order.name,
        "TeamIdentifier": [team.team_id],
        "TeamName": team.name,
        "TimeToLive": (order.expires - order.created).days,
        "UUID": identifier,
        "Version": 1,
    }
    if kind.device_classes:
        content["ProvisionedDevices"] = [each.attributes["udid"] for each in order.devices]
    if kind.all_devices:
        content["ProvisionsAllDevices"] = True
    return content


def _entitlements(team: Team, kind: ProfileType, bundle_id: Resource) -> dict[str, Any]:
    identifier = bundle_id.attributes["identifier"]
    application = f"{team.team_id}.{identifier}"
    entitlements: dict[str, Any] = {
        kind.application_key: application,
        "com.apple.developer.team-identifier": team.team_id,
        "get-task-allow": kind.development,
        "keychain-access-groups": [f"{team.team_id}.*"],
    }
    if not identifier.endswith("*"):
        entitlements["aps-environment"] = "development" if kind.development else "production"
    # A capability's id ends in its type.
    for capability in bundle_id.relationships["bundleIdCapabilities"]:
        name = ENTITLEMENTS.get(capability.partition("_")[2])
        if name:
            entitlements.setdefault(name, True)
    if kind.store:
        entitlements["beta-reports-active"] = True
    return entitlements


def _sign(authority: Authority, content: dict[str, Any]) -> bytes:
    signer = authority.profile_signer
    return (
        PKCS7SignatureBuilder()
        .set_data(plistlib.dumps(content, sort_keys=False))
        .add_signer(signer.certificate, signer.key, hashes.SHA256())
        .add_certificate(authority.developer_relations.certificate)
        .sign(Encoding.DER, [PKCS7Options.Binary])
    )
