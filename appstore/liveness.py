"""Whether workers work: a run that does nothing is asked for each minute, and must have been done lately.

It goes the way of every other run (row, doorbell, worker, claim, end), so that it stops where they would.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from appstore.models import SyncRun
from appstore.models.run_states import State

EVERY, LATE, KEPT = timedelta(seconds=50), timedelta(minutes=2), timedelta(hours=1)


def ask() -> None:
    """Called by the clock, wherever it ticks; two at once ask once."""
    now = timezone.now()
    canaries = SyncRun.objects.filter(kind=SyncRun.Kind.CANARY)
    if not canaries.filter(created_at__gt=now - EVERY).exists():
        SyncRun.request_canary()
        canaries.filter(finished_at__lt=now - KEPT).delete()


def last_done() -> datetime | None:
    """When a worker did one last."""
    done = SyncRun.objects.filter(kind=SyncRun.Kind.CANARY, state=State.SUCCEEDED).order_by("-finished_at")
    return done.values_list("finished_at", flat=True).first()


def is_late() -> bool:
    """A worker was asked for a proof of life a while ago, and gave none. Not so in the first moments of a start."""
    waiting = SyncRun.objects.filter(kind=SyncRun.Kind.CANARY).active()
    return waiting.filter(created_at__lt=timezone.now() - LATE).exists()


def workers_work() -> bool:
    last = last_done()
    return last is not None and timezone.now() - last < LATE
