"""What a change means, before it is ordered: its steps, and whom it touches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from appstore.changes.doing import MADE
from appstore.models import BundleId, Certificate, DeveloperTeam, Device, Profile
from appstore.models.apple_objects import AppleObjectQuerySet
from appstore.profile_types import PROFILE_TYPES, ProfileType
from credentials.models import Credential
from credentials.sharing import shared_with
from organizations.models import Organization

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


def certificates_for(
    kind: ProfileType, rows: AppleObjectQuerySet[Certificate]
) -> AppleObjectQuerySet[Certificate]:
    """Those that may sign such profiles, what ends last first."""
    valid = rows.at_apple().filter(expiration_date__gt=timezone.now(), certificate_type__in=kind.certificates)
    return valid.order_by("-expiration_date").defer("certificate_content")


def devices_for(kind: ProfileType, rows: AppleObjectQuerySet[Device]) -> AppleObjectQuerySet[Device]:
    """Those that such profiles may name."""
    return rows.at_apple().exclude(status="DISABLED").filter(device_class__in=[*kind.devices, ""])


def lacking(profile: Profile) -> list[Device]:
    """The team's enabled devices that the profile could name and does not. One query."""
    kind = PROFILE_TYPES.get(profile.profile_type)
    if kind is None or not kind.names_devices or profile.gone_at is not None:
        return []
    rows = devices_for(kind, Device.objects.filter(team=profile.team_id, status="ENABLED"))
    return list(rows.exclude(profiles=profile).order_by("name"))


def lacking_in(profiles: Sequence[Profile]) -> dict[UUID, list[Device]]:
    """Of several what `lacking` says of one, those that lack nothing left out. Two queries, none where none names
    devices."""
    kinds = {each.pk: PROFILE_TYPES.get(each.profile_type) for each in profiles if each.gone_at is None}
    naming = [each for each in profiles if (kind := kinds.get(each.pk)) and kind.names_devices]
    if not naming:
        return {}
    rows = Device.objects.at_apple().filter(team__in={each.team_id for each in naming}, status="ENABLED")
    enabled = list(rows.order_by("name"))
    through: Any = Profile.devices.through
    named = through.objects.filter(profile__in=[each.pk for each in naming])
    pairs = set(named.values_list("profile_id", "device_id"))
    found = {}
    for each in naming:
        kind = kinds[each.pk]
        found[each.pk] = [
            device
            for device in enabled
            if kind and kind.takes(device.device_class)
            and device.team_id == each.team_id and (each.pk, device.pk) not in pairs
        ]  # fmt: skip
    return found


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


def used_by(team: DeveloperTeam, *more: Credential | None) -> list[Organization]:
    """The sub-organizations that see what is the team's, through a key that is shared with them; or that have one of
    these credentials of its owner. Two queries."""
    keys = Credential.objects.live().filter(app_store_connect_key__team=team).select_related("organization")
    own = (each for each in more if each is not None and each.organization_id == team.organization_id)
    return shared_with(*keys.without_secret(), *own)


def followers(profiles: list[Profile]) -> tuple[list[Profile], list[Profile]]:
    """Those that can be made anew, and those that cannot: of a type that CredHub does not know, for a bundle ID that is
    gone, or with no device left. Two queries."""
    now = timezone.now()
    certificates = Certificate.objects.filter(gone_at=None, expiration_date__gt=now).defer(
        "certificate_content"
    )
    devices = Device.objects.filter(gone_at=None).exclude(status="DISABLED")
    prefetch_related_objects(profiles, Prefetch("certificates", certificates), Prefetch("devices", devices))
    can = [each for each in profiles if not why_not_anew(each, has_device=bool(each.devices.all()))]
    return can, [each for each in profiles if each not in can]


def why_not_anew(profile: Profile, *, has_device: bool) -> str:
    """ "" for one that can be made anew. `has_device`: there is one that the new profile can name."""
    kind = PROFILE_TYPES.get(profile.profile_type)
    if kind is None:
        return "CredHub does not know profiles of this type."
    if profile.bundle_id is None or profile.bundle_id.gone_at is not None:
        return "Its bundle ID is gone at Apple."
    if kind.names_devices and not has_device:
        return "None of its devices is enabled any more."
    return ""


def renewal(old: Certificate, profiles: list[Profile], *, revoke: bool) -> list[Step]:
    """A new certificate of the type; each of these profiles (as `followers` gives them) with the new one in the place
    of the old one; and, where that is wanted, the end of the old one, when everything else is done."""
    steps: list[Step] = [{"do": "create-certificate", "certificate_type": old.certificate_type}]
    steps += [_with_new_certificate(profile, old) for profile in profiles]
    if revoke:
        steps.append({"do": "revoke-certificate", "certificate": old.apple_id, "name": old.name})
    return steps


def _with_new_certificate(profile: Profile, old: Certificate) -> Step:
    kind = PROFILE_TYPES[profile.profile_type]
    others = [
        each.apple_id
        for each in profile.certificates.all()
        if each.pk != old.pk and each.certificate_type in kind.certificates
    ]
    return {
        "do": "replace-profile",
        "profile": profile.apple_id,
        "name": profile.name,
        "profile_type": profile.profile_type,
        "bundle_id": profile.bundle_id.apple_id if profile.bundle_id else "",
        "certificates": [MADE, *others],
        "devices": [each.apple_id for each in profile.devices.all()] if kind.names_devices else [],
    }
