"""A .p8 does not tell what it is for: somebody says it, and then it is stored as that."""

from typing import Any

from appstore.models import AppStoreConnectKey, KeyType
from credentials.kinds.apns_key import APNS_KEY, found_of
from credentials.kinds.found import Found
from credentials.kinds.storing import free_name, store_found
from credentials.models import Credential
from credentials.parsing.p8 import P8Key
from organizations.actors import Actor
from organizations.models import Organization

APNS = "APNS"
PURPOSES = [
    (KeyType.TEAM.value, "App Store Connect API: Team key"),
    (KeyType.INDIVIDUAL.value, "App Store Connect API: Individual key"),
    (KeyType.ENTERPRISE.value, "App Store Connect API: Enterprise key"),
    (APNS, "APNs key"),
]


def store_key(actor: Actor, organization: Organization, found: Found, said: dict[str, Any]) -> Credential:
    """`said` has "purpose", "key_id" and "owner" (an Issuer ID, or a Team ID). Raises DuplicateCredentialError."""
    p8 = P8Key(found.secret, found.facts["public_key_sha256"])
    if said["purpose"] == APNS:
        return store_found(actor, organization, APNS_KEY, found_of(p8, said["key_id"], said["owner"]))
    key_type = KeyType(said["purpose"])
    key = AppStoreConnectKey.add(
        actor,
        organization=organization,
        name=free_name(organization, f"{key_type.label} {said['key_id']}"),
        key_id=said["key_id"],
        issuer_id=said["owner"],
        key_type=key_type,
        p8=p8,
    )
    return key.credential
