"""Which profile an app signs with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from appstore.changes import plans
from appstore.models import Assignment, Device
from appstore.profile_types import ProfileType
from appstore.signing.assets import Assets
from appstore.signing.candidates import (
    EPOCH,
    CertificateCandidate,
    ProfileCandidate,
    of_profile,
    of_upload,
    profiles_for,
)
from appstore.signing.fitting import fits
from appstore.signing.resolved import NOT_SEEN, Resolved, Rule, State
from appstore.signing.slots import Purpose, Slot


def profile_for(
    assets: Assets,
    kind: ProfileType,
    identifier: str,
    certificates: dict[str, CertificateCandidate],
    wanted: str,
) -> Resolved:
    """Of the app, or of an extension. `wanted`: the certificate that it has to hold, where one is known. Without what
    it lacks: see `with_warnings`."""
    is_own = identifier == assets.app.identifier
    slot = Slot(Purpose.PROFILE, kind.distribution, "" if is_own else identifier)
    if pin := assets.pin_of(slot):
        return _pinned_profile(assets, slot, kind, identifier, pin, certificates)
    found = profiles_for(assets, kind, identifier, certificates)
    good = [each for each in found if not each.trouble]
    chosen = [each for each in good if wanted in each.sha256s] if wanted else good
    if chosen:
        best = max(chosen, key=_rank)
        rule, why = _why_profile(best, identifier)
        return Resolved(slot, State.SUGGESTED, rule, why, best.credential, profile=best.mirror)
    if good:
        return Resolved(slot, State.MISSING, Rule.NONE, "No profile holds the certificate of this app.")
    near = [each for each in found if each.identifier == identifier]
    if near:
        best = max(near, key=_rank)
        return Resolved(slot, State.BROKEN, Rule.EXACT, best.trouble, best.credential, profile=best.mirror)
    return Resolved(
        slot, State.MISSING, Rule.NONE, f"There is no profile of the type {kind.label} for {identifier}."
    )


def _pinned_profile(
    assets: Assets,
    slot: Slot,
    kind: ProfileType,
    identifier: str,
    pin: Assignment,
    certificates: dict[str, CertificateCandidate],
) -> Resolved:
    found: ProfileCandidate | None = None
    fits_type = False
    if pin.profile_id:
        mirror = next((each for each in assets.profiles if each.pk == pin.profile_id), None)
        if mirror is not None:
            found = of_profile(mirror, assets.holds.get(mirror.pk, set()), certificates)
            fits_type = mirror.profile_type == kind.name
    elif upload := assets.pinned.get(pin.credential_id) if pin.credential_id else None:
        found, fits_type = (
            of_upload(upload, certificates),
            upload.facts.get("distribution") == kind.distribution,
        )
    if found is None:
        return Resolved(slot, State.BROKEN, Rule.PINNED, NOT_SEEN, pin=pin)
    trouble = found.trouble
    if not trouble and not (fits_type and fits(found.identifier, identifier)):
        trouble = f"It is for {found.identifier or 'another app'}, and does not fit here."
    state = State.BROKEN if trouble else State.ASSIGNED
    return Resolved(
        slot,
        state,
        Rule.PINNED,
        trouble or "Chosen for this app.",
        found.credential,
        profile=found.mirror,
        pin=pin,
    )


def holding(profile: Resolved, assets: Assets, sha256: str) -> Resolved:
    """A profile and a certificate that were both chosen, and do not belong together."""
    if profile.is_usable and sha256 and sha256 not in sha256s_of(profile, assets):
        return replace(profile, state=State.BROKEN, why="It does not hold the certificate that was chosen.")
    return profile


def _why_profile(best: ProfileCandidate, identifier: str) -> tuple[Rule, str]:
    if best.credential:
        return Rule.UPLOADED, "It was uploaded here; none of those that Apple lists fits."
    if best.identifier == identifier:
        return Rule.EXACT, "It is for exactly this bundle ID, and of those that fit it ends last."
    return Rule.WILDCARD, f"It is for {best.identifier}; there is none for exactly this bundle ID."


def with_warnings(parts: dict[str, Resolved]) -> dict[str, Resolved]:
    """With the devices that they could name and do not. Two queries, none for types that name none."""
    used = {identifier: each.profile for identifier, each in parts.items() if each.is_usable and each.profile}
    missing = plans.lacking_in(list(used.values()))
    warned = {identifier: _warnings(missing.get(profile.pk, [])) for identifier, profile in used.items()}
    return {
        identifier: replace(each, warnings=warned.get(identifier, ())) for identifier, each in parts.items()
    }


def _warnings(missing: Sequence[Device]) -> tuple[str, ...]:
    if not missing:
        return ()
    names = ", ".join(str(each) for each in missing[:3]) + (" and others" if len(missing) > 3 else "")
    are = "device is" if len(missing) == 1 else "devices are"
    return (f"{len(missing)} enabled {are} not in it: {names}.",)


def _rank(each: ProfileCandidate) -> tuple[bool, bool, int, datetime, str]:
    """Apple's own, the exact one, the longest wildcard, what ends last."""
    is_exact = "*" not in each.identifier
    return each.mirror is not None, is_exact, len(each.identifier), each.expires or EPOCH, each.uuid


def sha256s_of(profile: Resolved, assets: Assets) -> set[str]:
    """Of the certificates that it holds."""
    if profile.profile:
        return assets.holds.get(profile.profile.pk, set())
    return set(profile.credential.facts.get("certificate_sha256s", [])) if profile.credential else set()
