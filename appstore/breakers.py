"""Circuit breakers: while Apple's host fails, it is asked once in a while and not by every run.

In the database, so that all workers know. One row per host and key, and one per host for all keys, only while
something fails. Open after 5 failures within a minute; then one run may try, after 30 s, a minute … 10 minutes.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from appstore.models import AppStoreConnectKey, Breaker

FAILURES, WITHIN = 5, timedelta(seconds=60)
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=10)


def seconds_closed(host: str, key: AppStoreConnectKey) -> float:
    """0 while requests may go out; otherwise how long none may."""
    now = timezone.now()
    rows = Breaker.objects.filter(host=host, key__isnull=True) | Breaker.objects.filter(host=host, key=key)
    ends = [row.open_until for row in rows if row.open_until is not None and row.open_until > now]
    return max((end - now).total_seconds() for end in ends) if ends else 0


def failed(host: str, key: AppStoreConnectKey) -> None:
    """No answer, or a failure of Apple's server."""
    for whose in (None, key):
        with transaction.atomic():
            now = timezone.now()
            row, _made = Breaker.objects.select_for_update().get_or_create(
                host=host, key=whose, defaults={"failing_since": now}
            )
            if row.open_until is None and now - row.failing_since > WITHIN:
                row.failures, row.failing_since = 0, now
            row.failures += 1
            # What was let through after a wait is the probe: one failure of it is enough.
            if row.opened or row.failures >= FAILURES:
                row.opened += 1
                row.open_until = now + min(FIRST * 2 ** (row.opened - 1), LONGEST)
            row.save()


def worked(host: str, key: AppStoreConnectKey) -> None:
    Breaker.objects.filter(host=host, key__isnull=True).delete()
    Breaker.objects.filter(host=host, key=key).delete()
