"""Signing identities and Apple's mirror: whose private key is here, and certificates that come to keys made here."""

from collections.abc import Iterable
from dataclasses import replace

import structlog
from django.db.models import Q

from appstore.models import Certificate, DeveloperTeam
from credentials.crypto import SealError
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE, found_of
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.kinds.storing import store_found
from credentials.models import Credential, DuplicateCredentialError
from credentials.parsing.certificate import parse_certificate
from credentials.parsing.errors import ParsingError
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization
from organizations.permissions import Permission

log = structlog.get_logger(__name__)


def held(actor: Actor, organization: Organization, sha256s: Iterable[str]) -> dict[str, Credential]:
    """Of certificates with these digests, those whose private key this organization has or was given: digest → the
    identity. One query beyond those of the choke point."""
    wanted = {each for each in sha256s if each}
    identities = Q(kind=APPLE_CERTIFICATE, identifier__in=wanted)
    seen = Credential.objects.for_actor(actor, Permission.CREDENTIAL_VIEW, identities).visible_in(
        organization
    )
    return {row.identifier: row for row in seen.live().without_secret()}


def adopt(team: DeveloperTeam, actor: Actor = SYSTEM) -> list[Credential]:
    """Certificates at Apple for requests that were made here become signing identities. Returns the new ones.

    What was lost on the way from Apple, or made by hand on its website, is found so too.
    """
    own = team.organization.credentials.filter(kind__in=[SIGNING_REQUEST, APPLE_CERTIFICATE])
    known = set(own.filter(kind=APPLE_CERTIFICATE).values_list("identifier", flat=True))  # archived ones, too
    requests = {
        row.identifier: row
        for row in own.filter(kind=SIGNING_REQUEST, archived_at=None).select_related("organization__parent")
    }
    certificates = Certificate.objects.filter(team=team, gone_at=None, public_key_sha256__in=requests)
    made = []
    for certificate in certificates.exclude(sha256__in=known):
        try:
            made.append(_identity(actor, certificate, requests[certificate.public_key_sha256]))
        # The rest of a sync has nothing to do with it; and another worker may have been faster.
        except (SealError, ParsingError, DuplicateCredentialError) as error:
            log.warning("identity_not_adopted", certificate=str(certificate.pk), reason=type(error).__name__)
    return made


def _identity(actor: Actor, certificate: Certificate, request: Credential) -> Credential:
    content = bytes(certificate.certificate_content or b"")
    found = found_of(parse_certificate(content), content, b"")
    key = request.reveal(
        SYSTEM, purpose=f"The certificate {found.name} that Apple made for this request"[:200]
    )
    identity = store_found(actor, request.organization, APPLE_CERTIFICATE, replace(found, secret=key))
    if not request.reveal_allowed:
        identity.allow_reveal(SYSTEM, allowed=False)  # it is the same key
    return identity
