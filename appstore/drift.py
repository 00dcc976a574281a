"""Where Apple and CredHub differ, and what will break next: the drift report of some teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from appstore.models import AppStoreConnectKey, Certificate, DeveloperTeam, Device, Health, HeldSweep, Profile
from appstore.models.apple_objects import EXPIRING_WITHIN
from appstore.profile_types import PROFILE_TYPES

SHOWN = 50
WITH_DEVICES = [each.name for each in PROFILE_TYPES.values() if each.names_devices]


@dataclass(frozen=True)
class Section:
    """`kind` names the table that shows the rows; `count` is of all, `rows` are the first of them."""

    title: str
    help: str
    kind: str
    count: int
    rows: list[Any]


def report(teams: Sequence[DeveloperTeam], keys: "QuerySet[AppStoreConnectKey]") -> list[Section]:
    """Two queries a section. `keys`: those that the reader may see."""
    now = timezone.now()
    certificates = (
        Certificate.objects.filter(team__in=teams).defer("certificate_content").select_related("team")
    )
    profiles = (
        Profile.objects.filter(team__in=teams).defer("profile_content").select_related("team", "bundle_id")
    )
    devices = Device.objects.filter(team__in=teams).select_related("team")
    live = profiles.filter(gone_at=None, profile_state="ACTIVE", expiration_date__gt=now)
    in_use = Profile.devices.through.objects.filter(
        device_id=OuterRef("pk"), profile__gone_at=None, profile__profile_type__in=WITH_DEVICES
    )
    broken = live.filter(Q(certificates_last_until__lte=now) | ~Q(flaws=[])).order_by("expiration_date")
    soon = live.filter(
        certificates_expire_at__gt=now,
        certificates_expire_at__lte=now + EXPIRING_WITHIN,
        certificates_expire_at__lt=F("expiration_date"),
    ).order_by("certificates_expire_at")
    missing: QuerySet[Any] = profiles.filter(gone_at=None).exclude(missing_generation=None)
    missing_certificates = certificates.filter(gone_at=None).exclude(missing_generation=None)
    stopped = keys.filter(team__in=teams, health__in=[Health.SUSPECT, Health.REJECTED])
    stopped = stopped.select_related("team", "credential__organization").defer("credential__secret")
    return [
        _section(
            "Keys that stopped working",
            "What they mirror stays as it was at their last sync.",
            "keys",
            keys.filter(team__in=teams, health__in=[Health.SUSPECT, Health.REJECTED]).select_related(
                "credential", "team"
            ),
        ),
        _section(
            "Active at Apple, and broken all the same",
            "Apple goes on calling a profile active when its certificate expired or was revoked, a device in it is "
            "disabled, or its App ID got another capability. Make these profiles anew.",
            "profiles",
            broken,
        ),
        _section(
            "The certificate ends before the profile",
            "Within 30 days. The profile stops signing with its certificate, whatever its own date says.",
            "profiles",
            soon,
        ),
        _section(
            "At Apple without a private key here",
            "Apple never returns a private key. Builds that sign with these need the .p12 from elsewhere.",
            "certificates",
            certificates.filter(gone_at=None, expiration_date__gt=now).order_by("expiration_date"),
        ),
        _section(
            "Here, and missing at Apple: certificates",
            "Not in Apple's last list. They count as gone when the next list lacks them, too.",
            "certificates",
            missing_certificates.order_by("name"),
        ),
        _section(
            "Here, and missing at Apple: profiles",
            "Not in Apple's last list. They count as gone when the next list lacks them, too.",
            "profiles",
            missing.order_by("name"),
        ),
        _section(
            "Devices in no ad hoc or development profile",
            "They hold a place of the team's limit, and no build can be installed on them.",
            "devices",
            devices.filter(gone_at=None, status="ENABLED").exclude(Exists(in_use)).order_by("name"),
        ),
    ]


def _section(title: str, text: str, kind: str, rows: "QuerySet[Any]") -> Section:
    return Section(title, text, kind, rows.count(), list(rows[:SHOWN]))


def held(teams: Sequence[DeveloperTeam]) -> "QuerySet[HeldSweep]":
    return HeldSweep.objects.filter(team__in=teams).open().select_related("team__organization")
