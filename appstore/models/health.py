"""A key that Apple refuses: once is doubt, three times over half an hour is a refusal.

Apple refuses valid tokens now and then, so a 401 is believed step by step: the transport asked again at once with a
new token; then the key is in doubt and asked after 5 and after 30 minutes; then it is refused, and syncs by schedule
stop. What was synced stays, and pages say since when it is not looked after any more.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from appstore.models.app_store_connect_key import AppStoreConnectKey


class Health(models.TextChoices):
    UNCHECKED = "UNCHECKED", "Never checked"
    HEALTHY = "HEALTHY", "Works"
    SUSPECT = "SUSPECT", "In doubt"
    REJECTED = "REJECTED", "Refused by Apple"


RECHECKS = (timedelta(minutes=5), timedelta(minutes=30))


def refused(key: "AppStoreConnectKey") -> None:
    """One more 401, on the object only: who calls it saves. Asking more often does not decide faster."""
    now = timezone.now()
    if key.health == Health.REJECTED or (key.recheck_at is not None and now < key.recheck_at):
        return
    key.doubts += 1
    if key.doubts > len(RECHECKS):
        key.health, key.recheck_at = Health.REJECTED, None
    else:
        key.health, key.recheck_at = Health.SUSPECT, now + RECHECKS[key.doubts - 1]


def accepted(key: "AppStoreConnectKey") -> None:
    """Apple took it: every doubt is over. On the object only."""
    key.doubts, key.recheck_at = 0, None
