"""How many of Apple's places a team uses. The limits are quoted and never enforced here: Apple's answer counts.

https://developer.apple.com/help/account/certificates/certificates-overview
https://developer.apple.com/help/account/devices/devices-overview
"""

from collections.abc import Sequence
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
    """Two queries."""
    by_id = {team.pk: team for team in teams}
    valid = Certificate.objects.filter(team__in=teams, gone_at=None, expiration_date__gt=timezone.now())
    devices = Device.objects.filter(team__in=teams, gone_at=None)
    found = [
        Slots(by_id[team], kind, used, CERTIFICATE_LIMITS.get(kind, ""))
        for team, kind, used in _counted(valid, "certificate_type")
    ]
    return found + [
        Slots(by_id[team], kind, used, DEVICE_LIMIT) for team, kind, used in _counted(devices, "device_class")
    ]


def _counted(rows: "QuerySet[Any]", kind: str) -> Any:
    return rows.order_by("team", kind).values_list("team", kind).annotate(Count("pk"))
