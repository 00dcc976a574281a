"""Who may sign with a provisioning profile, and whose private key is here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.apple_certificate_words import type_words
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.models import Credential
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission


@dataclass(frozen=True)
class SigningCertificate:
    """One that the profile names. `identity` has its private key; so has `request`, whose .cer is not here yet."""

    name: str
    type: str
    serial_number: str
    not_after: datetime | None
    identity: Credential | None
    request: Credential | None

    @property
    def has_expired(self) -> bool:
        return self.not_after is not None and self.not_after <= timezone.now()


def signing_certificates(
    actor: Actor, organization: Organization, profile: Credential
) -> list[SigningCertificate]:
    """All of them, in the profile's order, with what this person may see in this organization."""
    digests: list[str] = profile.facts["certificate_sha256s"]
    known = {each["sha256"]: each for each in profile.facts["certificates"]}
    keys = {each["public_key_sha256"] for each in known.values()}
    wanted = Q(kind=APPLE_CERTIFICATE, identifier__in=digests) | Q(kind=SIGNING_REQUEST, identifier__in=keys)
    seen = Credential.objects.for_actor(actor, Permission.CREDENTIAL_VIEW, wanted).visible_in(organization)
    rows = list(seen.live().without_secret().order_by("created_at"))
    identities = {each.identifier: each for each in rows if each.kind == APPLE_CERTIFICATE}
    requests = {each.identifier: each for each in rows if each.kind == SIGNING_REQUEST}
    return [_certificate(known.get(digest, {}), identities.get(digest), requests) for digest in digests]


def _certificate(
    facts: dict[str, Any], identity: Credential | None, requests: dict[str, Credential]
) -> SigningCertificate:
    if not facts:
        return SigningCertificate("A certificate that cannot be read", "", "", None, identity, None)
    return SigningCertificate(
        name=facts["common_name"],
        type=type_words(facts["apple_type"]),
        serial_number=facts["serial_number"],
        not_after=datetime.fromisoformat(facts["not_after"]),
        identity=identity,
        request=requests.get(facts["public_key_sha256"]),
    )


def can_it_sign(profile: Credential, certificates: list[SigningCertificate]) -> str:
    """In a sentence: whether apps can be signed with the profile and what is here."""
    held = [each for each in certificates if each.identity]
    usable = [each for each in held if not each.has_expired]
    if not certificates:
        return "The profile names no certificate."
    if profile.expires_at is not None and profile.expires_at <= timezone.now():
        return "The profile expired: nothing new can be signed with it."
    if usable:
        whole = (
            "its certificate"
            if len(certificates) == 1
            else f"{len(usable)} of {len(certificates)} certificates"
        )
        return f"Apps can be signed with it from here: the private key of {whole} is here."
    if held:
        return "Apps cannot be signed with it from here: the certificates whose private key is here have expired."
    return "Apps cannot be signed with it from here: the private key of none of its certificates is here."
