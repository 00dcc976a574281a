"""Objects for tests, made by the same doors as in the product. Every key is generated at run time."""

import hashlib
import itertools
from datetime import timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db.models import QuerySet
from django.utils import timezone

from appstore.models import (
    AppStoreConnectKey,
    BundleId,
    Certificate,
    DeveloperTeam,
    Device,
    DeviceInvitation,
    DeviceRequest,
    HeldSweep,
    ImportItem,
    ImportState,
    ImportUpload,
    ItemState,
    KeyType,
    ObjectChange,
    Profile,
    What,
)
from appstore.models.apple_objects import AppleObject
from appstore.models.device_invitation import PURPOSE
from appstore.models.import_upload import new_upload
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.models import Credential, RevealRequest
from credentials.parsing.p8 import parse_p8
from organizations import audit_chain, tokens
from organizations.actors import SYSTEM, Actor
from organizations.models import Membership, Organization, TrustPolicy, User, Webhook, WebhookDelivery
from organizations.permissions import Role
from organizations.webhooks import outbox
from organizations.webhooks.events import TEST

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


def make_p8() -> bytes:
    """A fresh .p8 as Apple hands them out: PKCS#8 PEM of a P-256 key."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def make_user(email: str, **fields: Any) -> User:
    return User.objects.create_user(email, PASSWORD, **fields)


def make_root(name: str) -> Organization:
    return Organization.objects.create(name=name)


def join(user: User, organization: Organization, role: Role) -> Membership:
    return Membership.objects.create(user=user, organization=organization, role=role)


def make_signing_request(organization: Organization, name: str) -> Credential:
    """One as the product keeps them, without the time that a key pair takes."""
    facts = {
        "common_name": name,
        "email": "ada@example.com",
        "country": "GB",
        "public_key_sha256": hashlib.sha256(name.encode()).hexdigest(),
        "created": timezone.now().isoformat(),
        "csr": "A request\n",
    }
    return Credential.store(
        SYSTEM,
        organization=organization,
        kind=SIGNING_REQUEST,
        name=f"Request of {name}",
        identifier=facts["public_key_sha256"],
        secret=b"no key",
        facts=facts,
    )


def make_key(
    organization: Organization,
    *,
    actor: Actor = SYSTEM,
    key_type: KeyType = KeyType.TEAM,
    name: str = "",
    p8: bytes | None = None,
    key_id: str = "",
    issuer_id: str = "57246542-96fe-1a63-e053-0824d011072a",
) -> AppStoreConnectKey:
    """A stored key (with its check queued), as an upload leaves it."""
    key_id = key_id or f"KEY{next(_numbers):07d}"
    return AppStoreConnectKey.add(
        actor,
        organization=organization,
        name=name or f"Key {key_id}",
        key_id=key_id,
        issuer_id="" if key_type == KeyType.INDIVIDUAL else issuer_id,
        key_type=key_type,
        p8=parse_p8(p8 or make_p8()),
    )


def make_trust_policy(organization: Organization, name: str = "Release", **fields: Any) -> TrustPolicy:
    """As if somebody trusted GitHub's jobs of one repository; nobody is asked for keys."""
    return TrustPolicy.objects.create(
        **{
            "organization": organization,
            "name": name,
            "provider": "github",
            "issuer": "https://token.actions.githubusercontent.com",
            "audience": "https://credhub.example",
            "claim_words": '{"repository_id": "42", "repository_owner_id": "7"}',
            "scope_words": "credential:view",
        }
        | fields
    )


def make_uploaded_profile(
    organization: Organization, name: str, *, uuid: str = "", **facts: Any
) -> Credential:
    """One as an upload leaves it, without Apple's signature."""
    uuid = uuid or str(uuid4())
    expires_at = timezone.now() + timedelta(days=facts.pop("days", 100))
    plain = {
        "uuid": uuid, "name": name, "team_id": "TEAM567890", "team_name": "Acme", "platforms": ["iOS"],
        "application_identifier": "com.example.uploaded", "distribution": "ad-hoc", "udids": [], "udid_count": 2,
        "provisions_all_devices": False, "entitlements": [], "is_xcode_managed": False, "certificates": [],
        "certificate_sha256s": [], "created_at": timezone.now().isoformat(), "expires_at": expires_at.isoformat(),
    }  # fmt: skip
    return Credential.store(
        SYSTEM,
        organization=organization,
        kind=PROVISIONING_PROFILE,
        name=name,
        identifier=uuid.lower(),
        secret=f"The file of {name}".encode(),
        facts=plain | facts,
        expires_at=expires_at,
    )


def make_identity(organization: Organization, sha256: str, name: str = "Distribution") -> Credential:
    """A signing identity, as far as lists look at it."""
    return Credential.store(
        SYSTEM,
        organization=organization,
        kind=APPLE_CERTIFICATE,
        name=name,
        identifier=sha256,
        secret=b"no key",
        facts={},
    )


def ask_to_reveal(
    credential: Credential, user: User, *, what: str = "p8", reason: str = "For a test"
) -> RevealRequest:
    """As if this person had asked, whatever they may do."""
    return RevealRequest.objects.create(
        credential=credential,
        requested_by=user,
        what=what,
        reason=reason,
        expires_at=timezone.now() + timedelta(days=1),
        secret_digest=audit_chain.secret_digest(credential.pk, credential.ciphertext),
    )


def mirror(team: DeveloperTeam, count: int = 2) -> dict[str, list[Any]]:
    """That many certificates, bundle IDs, devices and profiles of a team, linked, as a sync leaves them."""
    start = next(_numbers) * 100_000
    soon = timezone.now() + timedelta(days=200)
    ids = [f"{start + number:010d}" for number in range(count)]
    certificates = Certificate.objects.bulk_create(
        Certificate(
            team=team, apple_id=f"C{i}", name=f"Certificate {i}", certificate_type="DISTRIBUTION",
            serial_number=i, expiration_date=soon, certificate_content=b"\x30\x00", sha256=f"{i:0>64}",
        )
        for i in ids
    )  # fmt: skip
    bundle_ids = BundleId.objects.bulk_create(
        BundleId(
            team=team, apple_id=f"B{i}", name=f"App {i}", identifier=f"com.example.app{i}", platform="IOS"
        )
        for i in ids
    )
    devices = Device.objects.bulk_create(
        Device(
            team=team,
            apple_id=f"D{i}",
            name=f"Phone {i}",
            udid=f"{i:0>40}",
            udid_key=f"{i:0>40}",
            status="ENABLED",
        )
        for i in ids
    )
    profiles = Profile.objects.bulk_create(
        Profile(
            team=team, apple_id=f"P{i}", name=f"Profile {i}", profile_type="IOS_APP_ADHOC", profile_state="ACTIVE",
            uuid=i, expiration_date=soon, profile_content=b"\x30\x00", bundle_id=bundle_id,
        )
        for i, bundle_id in zip(ids, bundle_ids, strict=True)
    )  # fmt: skip
    Profile.certificates.through.objects.bulk_create(
        Profile.certificates.through(profile_id=profile.pk, certificate_id=certificate.pk)
        for profile, certificate in zip(profiles, certificates, strict=True)
    )
    Profile.devices.through.objects.bulk_create(
        Profile.devices.through(profile_id=profile.pk, device_id=device.pk)
        for profile, device in zip(profiles, devices, strict=True)
    )
    return {"certificates": certificates, "bundle-ids": bundle_ids, "devices": devices, "profiles": profiles}


def change(rows: QuerySet[Any], **values: Any) -> None:
    """Set columns of rows as CredHub would, whatever its rules say: guarded ones keep a digest that fits."""
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))


def make_change(thing: AppleObject, what: What = What.CHANGED) -> ObjectChange:
    """Something that a sync found."""
    return ObjectChange.objects.create(
        team=thing.team, collection="devices", object_id=thing.pk, apple_id=thing.apple_id, name=thing.name,
        what=what, fields={"name": ["before", thing.name]},
    )  # fmt: skip


def make_delivery(organization: Organization, name: str = "Hook") -> WebhookDelivery:
    """One that waits, of a webhook of its own."""
    url = f"https://{next(_numbers)}.hooks.example/path"
    webhook, _ = Webhook.add(SYSTEM, organization, name=name, url=url, events=["sync.failed"])
    about = ("webhook", str(webhook.pk), name)
    outbox.send_to(webhook, outbox.Happening(TEST, organization, about))
    return webhook.deliveries.get()


def make_device_invitation(team: DeveloperTeam, user: User | None = None, **fields: Any) -> DeviceInvitation:
    """One that is open; without a person who made it, its link leads nowhere."""
    token = fields.pop("token", f"token {next(_numbers)}")
    return DeviceInvitation.objects.create(
        **{
            "organization": team.organization,
            "team": team,
            "name": "Testers",
            "digest": tokens.digest(token, PURPOSE),
            "uses": 1,
            "created_by": user,
            "expires_at": timezone.now() + timedelta(days=1),
            **fields,
        }
    )


def make_device_request(invitation: DeviceInvitation, name: str = "Ada's iPhone") -> DeviceRequest:
    """A device that waits for approval."""
    return DeviceRequest.objects.create(
        invitation=invitation, name=name, udid=f"{next(_numbers):0>40}", platform="IOS", product="iPhone15,2"
    )


def make_import(organization: Organization, name: str = "match.zip") -> ImportUpload:
    """An upload that was read, and in which nothing was new."""
    upload = new_upload(organization, name=name, state=ImportState.READ)
    upload.save()
    ImportItem.objects.create(upload=upload, number=1, kind="apns-key", state=ItemState.DUPLICATE, name=name)
    return upload


def make_hold(team: DeveloperTeam | None, collection: str = "devices") -> HeldSweep:
    """More of a team's objects are missing than is believed unasked."""
    return HeldSweep.objects.create(team=team, collection=collection, generation=1, missing=8, total=20)
