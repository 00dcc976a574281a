"""What the clock does: rings due runs, takes back those whose worker died, asks for each team's next sync."""

import random
from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import OperationalError

from appstore import doorbell
from appstore.models import AppStoreConnectKey, DeveloperTeam, SyncRun
from appstore.models.run_states import State, after
from appstore.models.sync_run import MAX_ATTEMPTS
from organizations.actors import SYSTEM

log = structlog.get_logger(__name__)
AT_ONCE = 400


def sweep() -> int:
    """Safe to run anywhere and often. Returns how many runs were rung."""
    abandoned = SyncRun.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    abandoned.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=State.DEAD,
        fence=F("fence") + 1,
        finished_at=Now(),
        error_code="abandoned",
        error_message="The worker ended in the middle of it, each time. The log of the worker may say why.",
    )
    abandoned.update(state=State.QUEUED, fence=F("fence") + 1, next_run_at=Now())
    waiting = Q(doorbell_at=None) | Q(doorbell_at__lt=after(-5))
    due = SyncRun.objects.due().filter(waiting).order_by("next_run_at").values_list("pk", flat=True)[:AT_ONCE]
    rung = 0
    for run_id in list(due):
        SyncRun.objects.filter(pk=run_id).update(doorbell_at=Now())
        try:
            doorbell.ring(run_id)
        except (OperationalError, OSError) as error:
            log.warning("doorbell_failed", run=str(run_id), error=type(error).__name__)
            break
        rung += 1
    return rung


def schedule_due_syncs() -> int:
    """Ask for a sync of every team whose time has come. Two schedulers at once ask once. Returns how many."""
    now = timezone.now()
    usable = AppStoreConnectKey.objects.usable().order_by().values("team_id")
    due = DeveloperTeam.objects.filter(pk__in=usable).filter(Q(next_sync_at=None) | Q(next_sync_at__lte=now))
    asked = 0
    for team in due.select_related("organization")[:AT_ONCE]:
        claimed = DeveloperTeam.objects.filter(pk=team.pk, next_sync_at=team.next_sync_at).update(
            next_sync_at=now + next_interval()
        )
        # A team that was never scheduled gets its first sync from the upload's check.
        if claimed and team.next_sync_at is not None:
            SyncRun.request_sync(SYSTEM, team, trigger=SyncRun.Trigger.SCHEDULE)
            asked += 1
    return asked


def next_interval() -> timedelta:
    """The sync interval, a tenth more or less, so that teams added together do not sync together for ever."""
    jitter = random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, hides nothing
    return timedelta(seconds=settings.SYNC_INTERVAL_SECONDS * jitter)
