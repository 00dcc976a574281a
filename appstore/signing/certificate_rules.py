"""Which certificate an app signs with."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from appstore.profile_types import ProfileType
from appstore.signing.assets import Assets
from appstore.signing.candidates import EPOCH, CertificateCandidate, of_identity, profiles_for
from appstore.signing.profile_rules import sha256s_of
from appstore.signing.resolved import NOT_SEEN, Resolved, Rule, State
from appstore.signing.slots import Purpose, Slot


def pinned_certificate(assets: Assets, slot: Slot, kind: ProfileType) -> Resolved | None:
    pin = assets.pin_of(slot)
    if pin is None:
        return None
    credential = assets.pinned.get(pin.credential_id) if pin.credential_id else None
    if credential is None:
        return Resolved(slot, State.BROKEN, Rule.PINNED, NOT_SEEN, pin=pin)
    found = of_identity(assets, credential)
    trouble = found.trouble
    if not trouble and found.certificate_type not in kind.certificates:
        trouble = f"It does not sign for {kind.label}."
    state = State.BROKEN if trouble else State.ASSIGNED
    warnings = (found.doubt,) if found.doubt else ()
    why = trouble or "Chosen for this app."
    return Resolved(slot, state, Rule.PINNED, why, credential, found.mirror, pin=pin, warnings=warnings)


def best_certificate(
    assets: Assets,
    kind: ProfileType,
    certificates: dict[str, CertificateCandidate],
    profile: Resolved,
    extensions: Sequence[str] = (),
) -> Resolved:
    """One that is in the app's profile: what serves most of its extensions too, then what ends last."""
    slot = Slot(Purpose.CERTIFICATE, kind.distribution)
    good = [each for each in certificates.values() if not each.trouble and not each.doubt]
    inside = [each for each in good if profile.is_usable and each.sha256 in sha256s_of(profile, assets)]
    if inside:
        served = _served(assets, kind, certificates, extensions)
        best, rule = max(inside, key=lambda each: (served[each.sha256], _ends(each))), Rule.IN_PROFILE
        why = "It is in the profile, its private key is here, and it ends last."
        if any(served[each.sha256] < served[best.sha256] for each in inside):
            why = (
                "Its private key is here, and it is in the profiles of the app and of most of its extensions."
            )
    elif good and not profile.is_usable:
        team = assets.team
        of_team = [each for each in good if team and each.team_id == team.team_id] or good
        best, rule = max(of_team, key=_ends), Rule.BEST
        why = "Its private key is here, and of those that fit it ends last."
    else:
        return Resolved(slot, State.MISSING, Rule.NONE, _why_no_certificate(kind, certificates))
    return Resolved(slot, State.SUGGESTED, rule, why, best.identity, best.mirror)


def _served(
    assets: Assets,
    kind: ProfileType,
    certificates: dict[str, CertificateCandidate],
    extensions: Sequence[str],
) -> Counter[str]:
    """SHA-256 → how many of these bundle IDs have a profile that holds it."""
    found: Counter[str] = Counter()
    for identifier in extensions:
        good = (each for each in profiles_for(assets, kind, identifier, certificates) if not each.trouble)
        found.update({sha256 for each in good for sha256 in each.sha256s})
    return found


def _why_no_certificate(kind: ProfileType, certificates: dict[str, CertificateCandidate]) -> str:
    without = sum(1 for each in certificates.values() if each.identity is None and each.mirror is not None)
    over = sum(1 for each in certificates.values() if each.identity is not None)
    if over:
        return f"What is here for {kind.label} has expired, or is gone at Apple."
    if without:
        several = "s" if without > 1 else ""
        return f"Apple has {without} certificate{several} for {kind.label}, whose private key is not here."
    return f"There is no certificate for {kind.label}."


def _ends(each: CertificateCandidate) -> tuple[datetime, str]:
    return each.expires or EPOCH, each.sha256
