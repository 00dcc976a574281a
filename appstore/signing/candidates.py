"""A certificate or a profile that an app might sign with: what it is, and what speaks against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone

from appstore.models import Certificate, Profile
from appstore.profile_types import ProfileType
from appstore.signing.assets import Assets
from appstore.signing.fitting import fits
from credentials.models import Credential

KEY_IS_MISSING = "Its private key is not here, so nothing can be signed with it."
EXPIRED = "It expired: nothing new can be signed with it."
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # for what does not say when it ends


@dataclass(frozen=True)
class CertificateCandidate:
    """`trouble` in a sentence, "" for one that signs; `doubt` for what is no reason against it."""

    sha256: str
    certificate_type: str
    expires: datetime | None
    identity: Credential | None
    mirror: Certificate | None
    team_id: str  # Apple's
    trouble: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class ProfileCandidate:
    """Apple's own (`mirror`), or one that was uploaded (`credential`)."""

    name: str
    identifier: str
    uuid: str
    expires: datetime | None
    sha256s: frozenset[str]
    mirror: Profile | None = None
    credential: Credential | None = None
    trouble: str = ""


def certificates_for(assets: Assets, kind: ProfileType) -> dict[str, CertificateCandidate]:
    """By SHA-256: all that sign profiles of this type, whether their private key is here or not."""
    found = {}
    for sha256, mirror in assets.certificates.items():
        if mirror.certificate_type in kind.certificates:
            found[sha256] = _of_mirror(assets, mirror, assets.identities.get(sha256))
    for sha256, identity in assets.identities.items():
        if sha256 not in found and identity.facts.get("apple_type") in kind.certificates:
            found[sha256] = of_identity(assets, identity)
    return found


def of_identity(assets: Assets, identity: Credential) -> CertificateCandidate:
    """A certificate that came with its private key, at Apple or not."""
    if mirror := assets.certificates.get(identity.identifier):
        return _of_mirror(assets, mirror, identity)
    facts = identity.facts
    trouble = EXPIRED if _is_over(identity.expires_at) else ""
    if identity.is_archived:
        trouble = "It is archived here."
    team_id = str(facts.get("team_id", ""))
    is_mirrored = any(team.team_id == team_id and team.last_synced_at for team in assets.teams.values())
    doubt = "Apple's list does not have it, as far as the key of the last sync saw." if is_mirrored else ""
    apple_type = str(facts.get("apple_type", ""))
    return CertificateCandidate(
        identity.identifier, apple_type, identity.expires_at, identity, None, team_id, trouble, doubt
    )


def _of_mirror(assets: Assets, mirror: Certificate, identity: Credential | None) -> CertificateCandidate:
    trouble = ""
    if mirror.gone_at is not None:
        trouble = "It is gone at Apple: revoked, or deleted there."
    elif _is_over(mirror.expiration_date):
        trouble = EXPIRED
    elif identity is None:
        trouble = KEY_IS_MISSING
    elif identity.is_archived:
        trouble = "It is archived here."
    doubt = "Apple's last list did not have it." if mirror.missing_generation is not None else ""
    return CertificateCandidate(
        mirror.sha256, mirror.certificate_type, mirror.expiration_date, identity, mirror,
        assets.teams[mirror.team_id].team_id, trouble, doubt,
    )  # fmt: skip


def profiles_for(
    assets: Assets, kind: ProfileType, identifier: str, certificates: dict[str, CertificateCandidate]
) -> list[ProfileCandidate]:
    """Apple's own, then what was uploaded; of each what is for exactly this App ID first."""
    own = [
        each for each in assets.profiles if each.profile_type == kind.name and fits(_app_id(each), identifier)
    ]
    found = [of_profile(each, assets.holds.get(each.pk, set()), certificates) for each in own]
    there = {each.uuid.lower() for each in found}
    # What was uploaded and is listed by Apple, too, is the same.
    found += [
        of_upload(each, certificates)
        for each in assets.credentials.get("provisioning-profile", [])
        if is_for(each, kind)
        and each.identifier not in there
        and fits(str(each.facts.get("application_identifier", "")), identifier)
    ]
    return found


def _app_id(profile: Profile) -> str:
    return profile.bundle_id.identifier if profile.bundle_id else ""


def is_for(upload: Credential, kind: ProfileType) -> bool:
    platform = {"IOS": "iOS", "TVOS": "tvOS", "MAC": "OSX"}[kind.name.split("_")[0]]
    facts = upload.facts
    return facts.get("distribution") == kind.distribution and platform in facts.get("platforms", [])


def of_profile(
    profile: Profile, sha256s: Iterable[str], certificates: dict[str, CertificateCandidate]
) -> ProfileCandidate:
    trouble = ""
    if profile.gone_at is not None:
        trouble = "It is gone at Apple: deleted there, or replaced."
    elif profile.profile_state == "INVALID":
        trouble = "Apple calls it invalid: a certificate or a capability of it has changed."
    elif profile.profile_state == "EXPIRED" or _is_over(profile.expiration_date):
        trouble = EXPIRED
    held = frozenset(sha256s)
    return ProfileCandidate(
        name=profile.name,
        identifier=_app_id(profile),
        uuid=profile.uuid,
        expires=profile.expiration_date,
        sha256s=held,
        mirror=profile,
        trouble=trouble or _without_a_key(held, certificates),
    )


def of_upload(upload: Credential, certificates: dict[str, CertificateCandidate]) -> ProfileCandidate:
    trouble = EXPIRED if _is_over(upload.expires_at) else ""
    if upload.is_archived:
        trouble = "It is archived here."
    held = frozenset(upload.facts.get("certificate_sha256s", []))
    return ProfileCandidate(
        name=upload.name,
        identifier=str(upload.facts.get("application_identifier", "")),
        uuid=str(upload.facts.get("uuid", "")),
        expires=upload.expires_at,
        sha256s=held,
        credential=upload,
        trouble=trouble or _without_a_key(held, certificates),
    )


def _without_a_key(sha256s: frozenset[str], certificates: dict[str, CertificateCandidate]) -> str:
    named = [certificates[each] for each in sha256s if each in certificates]
    if any(not each.trouble for each in named):
        return ""
    if any(each.identity for each in named):
        return "Of its certificates, those whose private key is here cannot sign any more."
    return "The private key of none of its certificates is here."


def _is_over(moment: datetime | None) -> bool:
    return moment is not None and moment <= timezone.now()
