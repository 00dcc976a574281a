"""What a change means, before it is ordered: its steps, and whom it touches."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from appstore.changes.doing import MADE
from appstore.models import BundleId, Certificate, Device, Profile
from appstore.profile_types import PROFILE_TYPES, ProfileType

Step = dict[str, Any]


@dataclass(frozen=True)
class NewProfile:
    """What a profile is made of: rows of one team."""

    name: str
    kind: ProfileType
    bundle_id: BundleId
    certificates: list[Certificate]
    devices: list[Device]

    def step(self) -> Step:
        return {
            "do": "create-profile",
            "name": self.name,
            "profile_type": self.kind.name,
            "bundle_id": self.bundle_id.apple_id,
            "certificates": [each.apple_id for each in self.certificates],
            "devices": [each.apple_id for each in self.devices] if self.kind.names_devices else [],
        }

    def in_place_of(self, old: Profile) -> Step:
        return self.step() | {"do": "replace-profile", "profile": old.apple_id}


def certificates_for(kind: ProfileType, rows: "QuerySet[Certificate]") -> "QuerySet[Certificate]":
    """Those that may sign such profiles, what ends last first."""
    valid = rows.at_apple().filter(expiration_date__gt=timezone.now())  # type: ignore[attr-defined]
    found: QuerySet[Certificate] = valid.filter(certificate_type__in=kind.certificates)
    return found.order_by("-expiration_date").defer("certificate_content")


def devices_for(kind: ProfileType, rows: "QuerySet[Device]") -> "QuerySet[Device]":
    """Those that such profiles may name."""
    found: QuerySet[Device] = rows.at_apple().exclude(status="DISABLED")  # type: ignore[attr-defined]
    return found.filter(device_class__in=[*kind.devices, ""])


def lacking(profile: Profile) -> list[Device]:
    """The team's enabled devices that the profile could name and does not. One query."""
    kind = PROFILE_TYPES.get(profile.profile_type)
    if kind is None or not kind.names_devices or profile.gone_at is not None:
        return []
    rows = devices_for(kind, Device.objects.filter(team=profile.team_id, status="ENABLED"))
    return list(rows.exclude(profiles=profile).order_by("name"))


def holders(thing: Certificate | Device | BundleId) -> list[Profile]:
    """The profiles that hold it, and that are at Apple and not over: what a change of it breaks. One query."""
    rows = Profile.objects.filter(gone_at=None, expiration_date__gt=timezone.now())
    if isinstance(thing, BundleId):
        rows = rows.filter(bundle_id=thing)
    elif isinstance(thing, Device):
        rows = rows.filter(devices=thing)
    else:
        rows = rows.filter(certificates=thing)
    return list(rows.select_related("bundle_id").defer("profile_content", "contents").order_by("name"))


def renewal(old: Certificate, profiles: list[Profile], *, revoke: bool) -> list[Step]:
    """A new certificate of the type; every profile of the old one with the new one in its place; and, where that is
    wanted, the end of the old one, when everything else is done."""
    steps: list[Step] = [{"do": "create-certificate", "certificate_type": old.certificate_type}]
    for profile in profiles:
        if profile.bundle_id is None or profile.profile_type not in PROFILE_TYPES:
            continue
        fit = PROFILE_TYPES[profile.profile_type].certificates
        others = [
            each.apple_id
            for each in _live_certificates(profile)
            if each.pk != old.pk and each.certificate_type in fit
        ]
        steps.append(
            {
                "do": "replace-profile",
                "profile": profile.apple_id,
                "name": profile.name,
                "profile_type": profile.profile_type,
                "bundle_id": profile.bundle_id.apple_id,
                "certificates": [MADE, *others],
                "devices": [each.apple_id for each in _live_devices(profile)],
            }
        )
    if revoke:
        steps.append({"do": "revoke-certificate", "certificate": old.apple_id, "name": old.name})
    return steps


def _live_certificates(profile: Profile) -> list[Certificate]:
    rows = profile.certificates.filter(gone_at=None, expiration_date__gt=timezone.now())
    return list(rows.defer("certificate_content"))


def _live_devices(profile: Profile) -> list[Device]:
    if not PROFILE_TYPES[profile.profile_type].names_devices:
        return []
    return list(profile.devices.filter(gone_at=None).exclude(status="DISABLED"))
