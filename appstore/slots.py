"""How many of Apple's places a team uses. The limits are quoted and never enforced here: Apple's answer counts.

https://developer.apple.com/help/account/certificates/certificates-overview
https://developer.apple.com/help/account/devices/devices-overview
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from appstore.models import Certificate, DeveloperTeam, Device

DEVICE_LIMIT = "100 of each kind and membership year; disabling frees none"
CERTIFICATE_LIMITS = {
    "DISTRIBUTION": "2 or 3 of a team",
    "IOS_DISTRIBUTION": "2 or 3 of a team",
    "MAC_APP_DISTRIBUTION": "2 or 3 of a team",
    "MAC_INSTALLER_DISTRIBUTION": "2 or 3 of a team",
    "DEVELOPER_ID_APPLICATION": "5 of a team",
    "DEVELOPER_ID_APPLICATION_G2": "5 of a team",
    "DEVELOPMENT": "2 of a person",
    "IOS_DEVELOPMENT": "2 of a person",
    "MAC_APP_DEVELOPMENT": "2 of a person",
}


@dataclass(frozen=True)
class Slots:
    team: DeveloperTeam
    what: str  # Apple's word for the certificate's type or the device's class
    used: int
    limit: str  # in Apple's words, "" where it tells none


def slots_of(teams: Sequence[DeveloperTeam]) -> list[Slots]:
    return certificate_slots(teams) + device_slots(teams)


def certificate_slots(teams: Sequence[DeveloperTeam]) -> list[Slots]:
    """One query."""
    rows = Certificate.objects.filter(team__in=teams, gone_at=None, expiration_date__gt=timezone.now())
    return [
        Slots(team, kind, used, CERTIFICATE_LIMITS.get(kind, ""))
        for team, kind, used in _counted(teams, rows, "certificate_type")
    ]


def device_slots(teams: Sequence[DeveloperTeam]) -> list[Slots]:
    """One query."""
    rows = Device.objects.filter(team__in=teams, gone_at=None)
    return [
        Slots(team, kind, used, DEVICE_LIMIT) for team, kind, used in _counted(teams, rows, "device_class")
    ]


def _counted(
    teams: Sequence[DeveloperTeam], rows: "QuerySet[Any]", kind: str
) -> Iterator[tuple[DeveloperTeam, str, int]]:
    by_id = {team.pk: team for team in teams}
    counted = rows.order_by("team", kind).values_list("team", kind).annotate(Count("pk"))
    return ((by_id[team], value, used) for team, value, used in counted)
