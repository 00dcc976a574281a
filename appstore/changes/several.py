"""One change of several objects: what becomes of each, what it touches, and what cannot be changed and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from appstore.changes.plans import NewProfile, Step, why_not_anew
from appstore.models import Certificate, DeveloperTeam, Device, Profile
from appstore.profile_types import PROFILE_TYPES
from appstore.signing.freeze import why_frozen

NAMED = 5


@dataclass(frozen=True)
class Part:
    """One of the objects. Without a step it stays as it is, and `why_not` says why. `breaks`: the profiles that are no
    good after it."""

    thing: Any
    touches: list[str] = field(default_factory=list)
    step: Step | None = None
    why_not: str = ""
    breaks: list[Profile] = field(default_factory=list)


Parts = Callable[[Sequence[Any], bool], list[Part]]


def profiles_made_anew(profiles: Sequence[Profile], all_devices: bool) -> list[Part]:
    """Each of what it is made of now, without what is gone, has expired or is disabled; with all enabled devices of
    the team where that is wanted. Three queries."""
    _load(profiles)
    teams = {each.team_id for each in profiles}
    enabled = list(Device.objects.filter(team__in=teams, status="ENABLED", gone_at=None).order_by("name"))
    return [_made_anew(each, enabled, all_devices) for each in profiles]


def _load(profiles: Sequence[Profile]) -> None:
    certificates = Certificate.objects.defer("certificate_content")
    prefetch_related_objects(list(profiles), Prefetch("certificates", certificates), "devices")


def _made_anew(profile: Profile, enabled: list[Device], all_devices: bool) -> Part:
    kind, now = PROFILE_TYPES.get(profile.profile_type), timezone.now()
    usable = [each for each in profile.devices.all() if each.gone_at is None and each.status != "DISABLED"]
    lacking = _lacking(profile, usable, enabled)
    devices = usable + (lacking if all_devices else [])
    if why_not := why_not_anew(profile, has_device=bool(devices)):
        return Part(profile, why_not=why_not)
    if kind is None or profile.bundle_id is None:
        raise ValueError("What can be made anew has a known type and a bundle ID.")
    certificates = [
        each
        for each in profile.certificates.all()
        if each.gone_at is None
        and each.expiration_date is not None
        and each.expiration_date > now
        and each.certificate_type in kind.certificates
    ]
    if not certificates:
        return Part(
            profile, why_not="None of its certificates can sign any more. Choose another on its own page."
        )
    touches = [f"Builds of {profile.bundle_id.identifier} need the new file"]
    touches += [f"Goes out: {each}" for each in profile.certificates.all() if each not in certificates]
    touches += [f"Goes out: {each}" for each in profile.devices.all() if each not in usable]
    if lacking:
        touches.append(f"{'Comes in' if all_devices else 'Still lacks'}: {_some(lacking)}")
    made = NewProfile(profile.name, kind, profile.bundle_id, certificates, devices)
    return Part(profile, touches, made.in_place_of(profile), breaks=[profile])


def _lacking(profile: Profile, has: list[Device], enabled: list[Device]) -> list[Device]:
    """See `plans.lacking`, which asks the database for one profile."""
    kind = PROFILE_TYPES.get(profile.profile_type)
    if kind is None or not kind.names_devices:
        return []
    mine = [each for each in enabled if each.team_id == profile.team_id and kind.takes(each.device_class)]
    return [each for each in mine if each not in has]


def profiles_deleted(profiles: Sequence[Profile], _all_devices: bool) -> list[Part]:
    return [
        Part(
            each,
            [f"Builds{f' of {each.bundle_id.identifier}' if each.bundle_id else ''} that use it fail"],
            {"do": "delete-profile", "profile": each.apple_id, "name": each.name},
            breaks=[each],
        )
        for each in profiles
    ]


def certificates_revoked(certificates: Sequence[Certificate], _all_devices: bool) -> list[Part]:
    """Two queries."""
    live = Profile.objects.filter(gone_at=None, expiration_date__gt=timezone.now()).order_by("name")
    holders = live.select_related("bundle_id").only("name", "bundle_id__identifier", "profile_type", "team")
    prefetch_related_objects(list(certificates), Prefetch("profiles", holders, to_attr="live_profiles"))
    return [_revoked(each) for each in certificates]


def _revoked(certificate: Any) -> Part:
    holders: list[Profile] = certificate.live_profiles
    named = [f"{each} ({each.bundle_id.identifier})" if each.bundle_id else str(each) for each in holders]
    touches = f"Become invalid: {_some(named)}" if len(named) > 1 else f"Becomes invalid: {_some(named)}"
    step = {"do": "revoke-certificate", "certificate": certificate.apple_id, "name": certificate.name}
    return Part(certificate, [touches if named else "In no profile that is in use"], step, breaks=holders)


def without_frozen(team: DeveloperTeam, parts: list[Part]) -> list[Part]:
    """What a frozen app signs with stays as it is."""
    steps = [part.step for part in parts if part.step]
    reasons = iter(why_frozen(team, steps))
    return [Part(part.thing, why_not=why) if part.step and (why := next(reasons)) else part for part in parts]


def devices_set_to(status: str) -> Parts:
    """ENABLED or DISABLED."""
    is_now = {"ENABLED": "It is enabled already.", "DISABLED": "It is disabled already."}

    def parts(devices: Sequence[Device], _all_devices: bool) -> list[Part]:
        live = Profile.objects.filter(gone_at=None, expiration_date__gt=timezone.now()).order_by("name")
        prefetch_related_objects(
            list(devices), Prefetch("profiles", live.only("name"), to_attr="live_profiles")
        )
        return [part(each) for each in devices]

    def part(device: Any) -> Part:
        if device.status == status:
            return Part(device, why_not=is_now[status])
        if device.status not in is_now:
            return Part(
                device, why_not="Apple is still looking at it. Its state can be changed when that is done."
            )
        touches = [f"In {_some(device.live_profiles)}" if device.live_profiles else "In no profile"]
        step = {"do": "update-device", "device": device.apple_id, "status": status, "called": device.name}
        return Part(device, touches, step)

    return parts


def _some(things: Sequence[Any]) -> str:
    named = ", ".join(str(each) for each in things[:NAMED])
    return f"{named} and {len(things) - NAMED} more" if len(things) > NAMED else named
