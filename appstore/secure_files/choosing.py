"""Which files match finds: for each team and folder the one certificate that most profiles hold, and those profiles.

match takes whichever certificate is last in a folder, so there is one; and one profile for a bundle ID and a type. What
people chose on the apps' pages comes before everything else.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from appstore.models import AppPlatform, Assignment, Certificate, Profile
from appstore.profile_types import PROFILE_TYPES, ProfileType
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.making.match_repository import (
    certificate_folder,
    certificate_stem,
    profile_path,
    team_folder,
)
from credentials.models import Credential
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization
from organizations.permissions import Permission

BITS = 52  # of an id: what programs that know floats alone still tell apart
_INSTALLERS = {"MAC_INSTALLER_DISTRIBUTION", "DEVELOPER_ID_INSTALLER"}  # no profile holds them


@dataclass(frozen=True)
class SecureFile:
    """Of an identity (`.cer`, `.p12`) or of a profile. `bundle_id` is of an app that it signs, "" for installers."""

    id: int
    name: str
    created_at: datetime
    expires_at: datetime | None
    bundle_id: str
    distribution: str
    identity: Credential | None = None
    profile: Profile | None = None

    @property
    def is_key(self) -> bool:
        return self.identity is not None and self.name.endswith(".p12")


def files_of(actor: Actor, organization: Organization, bundle_id: str = "") -> list[SecureFile]:
    """What this actor gets of the organization's own identities and those shared with it; certificates first, then by
    name. `bundle_id`: for this app and its extensions alone. A constant number of queries, without any ciphertext."""
    identities = _identities(organization)
    rows = Certificate.objects.visible_in(organization).filter(gone_at=None, sha256__in=identities)
    certificates = {row.pk: row for row in rows.select_related("team").defer("certificate_content")}
    profiles = [
        each for each in _profiles(organization, certificates)
        if _is_asked(_identifier(each), bundle_id)
        and actor.can(Permission.CREDENTIAL_REVEAL, organization, app=_identifier(each))
    ]  # fmt: skip
    pinned = _pinned(organization, bundle_id)
    profiles.sort(key=lambda each: pinned[each.pk])  # of two of one name the last stays
    through: Any = Profile.certificates.through
    pairs = through.objects.filter(profile__in=[each.pk for each in profiles], certificate__in=certificates)
    held_by: dict[UUID, set[UUID]] = defaultdict(set)
    for profile, certificate in pairs.values_list("profile_id", "certificate_id"):
        held_by[certificate].add(profile)
    holders = {pk: [each for each in profiles if each.pk in held_by[pk]] for pk in certificates}
    found: list[SecureFile] = []
    for prefix, certificate, held in _chosen(certificates.values(), holders, pinned):
        found += _files(prefix, certificate, identities[certificate.sha256], held)
    if not bundle_id and actor.can(Permission.CREDENTIAL_REVEAL, organization):
        found += _installers(certificates.values(), identities)
    return _numbered(found)


def _identities(organization: Organization) -> dict[str, Credential]:
    """By SHA-256: those whose private key a machine may get. None where a second person has to approve each time."""
    if organization.approval_is_needed:
        return {}
    seen = Credential.objects.for_actor(SYSTEM, Permission.CREDENTIAL_USE).visible_in(organization).live()
    signing = seen.filter(kind=APPLE_CERTIFICATE, reveal_allowed=True, expires_at__gt=timezone.now())
    rows = signing.select_related("organization__parent").without_secret()
    own_last = sorted(rows, key=lambda row: row.organization_id == organization.pk)
    return {row.identifier: row for row in own_last}  # its own before what the root shares


def _profiles(organization: Organization, certificates: Iterable[UUID]) -> list[Profile]:
    rows = Profile.objects.visible_in(organization).filter(
        gone_at=None, profile_state="ACTIVE", expiration_date__gt=timezone.now(), profile_type__in=PROFILE_TYPES,
        bundle_id__isnull=False, profile_content__isnull=False, certificates__in=list(certificates),
    )  # fmt: skip
    # The latest last: of two of one name it stays
    return list(
        rows.select_related("bundle_id", "team").defer("profile_content", "contents").order_by("expiration_date", "pk")
        .distinct()
    )  # fmt: skip


def _pinned(organization: Organization, bundle_id: str) -> Counter[UUID | str]:
    """How many apps, or whether the one that is asked for, had it chosen: by a profile's id, and by the SHA-256 of an
    identity's certificate."""
    pins = Assignment.objects.filter(app__organization=organization).exclude(
        app__platform=AppPlatform.ANDROID
    )
    if bundle_id:
        pins = pins.filter(app__identifier=bundle_id)
    found = pins.values_list("profile_id", "credential__identifier")
    return Counter(profile or str(sha256) for profile, sha256 in found)


def _identifier(profile: Profile) -> str:
    return profile.bundle_id.identifier if profile.bundle_id else ""


def _is_asked(identifier: str, bundle_id: str) -> bool:
    return not bundle_id or identifier == bundle_id or identifier.startswith(f"{bundle_id}.")


def _chosen(
    certificates: Iterable[Certificate], holders: dict[UUID, list[Profile]], pinned: Counter[UUID | str]
) -> list[tuple[str, Certificate, dict[str, Profile]]]:
    """(folder, certificate, path → profile): in each folder the certificate that was chosen, or whose profiles
    were, for most apps; then with most profiles, then what ends last."""

    def rank(found: tuple[Certificate, dict[str, Profile]]) -> tuple[int, tuple[int, float, str]]:
        certificate, held = found
        return pinned[certificate.sha256] + sum(pinned[each.pk] for each in held.values()), _rank(found)

    folders: dict[str, list[tuple[Certificate, dict[str, Profile]]]] = defaultdict(list)
    for certificate in certificates:
        in_folders: dict[str, dict[str, Profile]] = defaultdict(dict)
        for profile in holders[certificate.pk]:
            kind = PROFILE_TYPES[profile.profile_type]
            folder = certificate_folder(certificate.certificate_type, in_house=kind.is_enterprise)
            if folder:
                in_folders[folder][_path(profile, kind)] = profile
        for folder, held in in_folders.items():
            prefix = team_folder(certificate.team.team_id) + certificate_stem(folder, "")
            folders[prefix].append((certificate, held))
    best = {prefix: max(found, key=rank) for prefix, found in folders.items()}
    return [(prefix, certificate, held) for prefix, (certificate, held) in best.items()]


def _rank(found: tuple[Certificate, dict[str, Profile]]) -> tuple[int, float, str]:
    certificate, held = found
    ends = certificate.expiration_date
    return len(held), ends.timestamp() if ends else 0.0, certificate.apple_id


def _path(profile: Profile, kind: ProfileType) -> str:
    suffix = "_tvos" if kind.name.startswith("TVOS") else "_catalyst" if "CATALYST" in kind.name else ""
    path = profile_path(
        kind.distribution, _identifier(profile), suffix=suffix, is_mac=kind.name.startswith("MAC_")
    )
    return team_folder(profile.team.team_id) + path


def _files(
    prefix: str, certificate: Certificate, identity: Credential, held: dict[str, Profile]
) -> list[SecureFile]:
    first = next(iter(held.values()), None)
    kind = PROFILE_TYPES[first.profile_type] if first else None
    stem = prefix + certificate_stem("", certificate.apple_id).rpartition("/")[2]
    own = SecureFile(
        0, "", identity.created_at, identity.expires_at, _identifier(first) if first else "",
        kind.distribution if kind else "", identity=identity,
    )  # fmt: skip
    profiles = [
        SecureFile(
            0, path, each.created_date or each.first_seen_at, each.expiration_date, _identifier(each),
            PROFILE_TYPES[each.profile_type].distribution, profile=each,
        )
        for path, each in held.items()
    ]  # fmt: skip
    return [replace(own, name=f"{stem}.cer"), replace(own, name=f"{stem}.p12"), *profiles]


def _installers(
    certificates: Iterable[Certificate], identities: dict[str, Credential]
) -> Iterable[SecureFile]:
    """The one of each team and type that ends last."""
    best: dict[str, Certificate] = {}
    for each in sorted(certificates, key=lambda each: _rank((each, {}))):
        if each.certificate_type in _INSTALLERS:
            folder = certificate_folder(each.certificate_type, in_house=False)
            best[team_folder(each.team.team_id) + certificate_stem(folder, "")] = each
    for prefix, certificate in best.items():
        yield from _files(prefix, certificate, identities[certificate.sha256], {})


def _numbered(files: list[SecureFile]) -> list[SecureFile]:
    """With ids that stay: made of the row's own and the file's name. Should two ever meet, the later one gives way."""
    taken: dict[int, SecureFile] = {}
    for each in sorted(files, key=lambda file: (file.created_at, file.name)):
        row = each.identity or each.profile
        word = f"{row.pk if row else ''} {each.name}"
        number = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8]) >> (64 - BITS)
        while number in taken:
            number += 1
        taken[number] = replace(each, id=number)
    return sorted(taken.values(), key=lambda file: (file.profile is not None, file.name))
