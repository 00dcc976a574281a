"""What was found, beside what the organization has and what Apple's mirror shows: new, here already, or of no use.

Keys and certificates are compared by public key, profiles by their UUID. Nothing is changed here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from appstore.imports.candidates import Candidate
from appstore.imports.finding import Finding
from appstore.models import Certificate, ItemState, Profile
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE, found_of
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.models import Credential
from credentials.parsing.certificate import parse_certificate
from credentials.parsing.errors import ParsingError
from credentials.parsing.signing_files import FoundCertificate, FoundKey, Problem
from organizations.models import Organization

_STATES = {"ACTIVE": "active", "INVALID": "invalid", "EXPIRED": "expired"}


@dataclass
class Compared:
    candidate: Candidate
    state: ItemState
    notes: list[str] = field(default_factory=list)
    existing: Credential | None = None


class Comparing:
    """A dozen queries, however much was found."""

    def __init__(self, organization: Organization, finding: Finding) -> None:
        self.organization, self.finding = organization, finding
        self.candidates = list(finding.contents.candidates)
        self.problems = list(finding.contents.problems)

    def compared(self) -> list[Compared]:
        self._match_keys(self.finding.keys)
        self._explain_certificates(self.finding.certificates)
        here = self._here()
        at_apple = self._at_apple()
        signers = self._signers(here)
        taken: set[tuple[str, str]] = set()
        rows = []
        for candidate in self.candidates:
            key = (candidate.kind, candidate.found.identifier)
            if key in taken:
                path = candidate.paths[0]
                self.problems.append(
                    Problem(path, "duplicate", "This is in the upload twice, and was taken once.")
                )
                continue
            taken.add(key)
            rows.append(self._row(candidate, here, at_apple, signers))
        return rows

    def _row(
        self,
        candidate: Candidate,
        here: dict[tuple[str, str], Credential],
        at_apple: dict[str, str],
        signers: Any,
    ) -> Compared:
        identifier = candidate.found.identifier
        existing = here.get((candidate.kind, identifier))
        state = ItemState.NEW if candidate.kind else ItemState.KEY
        row = Compared(candidate, ItemState.DUPLICATE if existing else state, existing=existing)
        if words := at_apple.get(identifier):
            row.notes.append(words)
        if candidate.kind == PROVISIONING_PROFILE:
            row.notes.append(signers(candidate))
        return row

    # Halves

    def _match_keys(self, keys: Iterable[FoundKey]) -> None:
        """A key whose certificate Apple's mirror has is a signing identity."""
        keys = list(keys)
        digests = [key.public_key_sha256 for key in keys]
        mirrored = self._certificates().filter(public_key_sha256__in=digests, gone_at=None)
        by_key: dict[str, list[Certificate]] = {}
        for certificate in mirrored.exclude(certificate_content=None):
            by_key.setdefault(certificate.public_key_sha256, []).append(certificate)
        for key in keys:
            made = [each for each in map(_der, by_key.get(key.public_key_sha256, ())) if each]
            for der in made:
                found = found_of(parse_certificate(der), der, key.pkcs8)
                self.candidates.append(Candidate(APPLE_CERTIFICATE, found, (key.path,)))
            if not made:
                self.problems.append(
                    Problem(
                        key.path,
                        "key-alone",
                        "A private key whose certificate is neither in the upload nor among what is synced from Apple.",
                    )
                )

    def _explain_certificates(self, certificates: Iterable[FoundCertificate]) -> None:
        certificates = list(certificates)
        live = self.organization.credentials.live().without_secret()
        digests = [each.facts.sha256 for each in certificates]
        keys = [each.facts.public_key_sha256 for each in certificates]
        identities = {
            row.identifier: row for row in live.filter(kind=APPLE_CERTIFICATE, identifier__in=digests)
        }
        requests = {row.identifier: row for row in live.filter(kind=SIGNING_REQUEST, identifier__in=keys)}
        for each in certificates:
            why = "A certificate without its private key: nothing can be signed with it."
            if identity := identities.get(each.facts.sha256):
                why = f"This certificate is here with its private key already, as “{identity.name}”."
            elif request := requests.get(each.facts.public_key_sha256):
                why = f"Its private key is here, in “{request.name}”. Add this file by itself, as a signing identity."
            self.problems.append(Problem(each.path, "certificate-alone", why))

    # What is here and at Apple

    def _here(self) -> dict[tuple[str, str], Credential]:
        """By kind and identifier; keys that do not tell what they are for ("") by their public key."""
        live = self.organization.credentials.live().without_secret()
        identifiers = {each.found.identifier for each in self.candidates}
        found = {
            (row.kind, row.identifier): row
            for row in live.filter(kind__in={each.kind for each in self.candidates if each.kind})
            if row.identifier in identifiers
        }
        keys = [each.found.identifier for each in self.candidates if not each.kind]
        if keys:
            for row in live.filter(facts__public_key_sha256__in=keys):
                found["", str(row.facts["public_key_sha256"])] = row
        return found

    def _at_apple(self) -> dict[str, str]:
        """Identifier → what Apple's mirror says of it."""
        of = {kind: [c.found.identifier for c in self.candidates if c.kind == kind] for kind in _MIRRORED}
        told = {}
        for certificate in (
            self._certificates().filter(sha256__in=of[APPLE_CERTIFICATE]).defer("certificate_content")
        ):
            gone = "Not at Apple any more: it was revoked, or has expired."
            told[certificate.sha256] = gone if certificate.gone_at else "At Apple."
        profiles = Profile.objects.visible_in(self.organization).defer("profile_content")
        for profile in profiles.filter(uuid__in=_both_cases(of[PROVISIONING_PROFILE])):
            state = _STATES.get(profile.profile_state, profile.profile_state)
            gone = "Not at Apple any more: it was deleted or made anew."
            told[profile.uuid.lower()] = (
                gone if profile.gone_at else f"At Apple, {state}: it is synced from there."
            )
        return told

    def _certificates(self) -> Any:
        return Certificate.objects.visible_in(self.organization)

    def _signers(self, here: dict[tuple[str, str], Credential]) -> Any:
        """A function: what is said of a profile's private keys."""
        in_upload = {c.found.identifier for c in self.candidates if c.kind == APPLE_CERTIFICATE}
        named = {
            digest
            for c in self.candidates
            if c.kind == PROVISIONING_PROFILE
            for digest in c.found.facts["certificate_sha256s"]
        }
        identities = self.organization.credentials.live().filter(kind=APPLE_CERTIFICATE)
        stored = {pk for pk in identities.values_list("identifier", flat=True) if pk in named}

        def words(candidate: Candidate) -> str:
            digests = set(candidate.found.facts["certificate_sha256s"])
            if digests & in_upload:
                return "Its private key is in this upload."
            if digests & stored:
                return "Its private key is here."
            return "Its private key is neither here nor in this upload."

        return words


_MIRRORED = (APPLE_CERTIFICATE, PROVISIONING_PROFILE)


def _both_cases(identifiers: list[str]) -> list[str]:
    """Apple writes UUIDs of profiles in lower case; a mirror keeps what Apple sent."""
    return [*identifiers, *(each.upper() for each in identifiers)]


def _der(certificate: Certificate) -> bytes:
    """Of a certificate that can be read."""
    content = bytes(certificate.certificate_content or b"")
    try:
        parse_certificate(content)
    except ParsingError:
        return b""
    return content
