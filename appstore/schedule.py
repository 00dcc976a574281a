"""What the clock does: rings due runs, takes back those whose worker died, asks for each team's next sync."""

import uuid
from datetime import timedelta
from secrets import SystemRandom

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from appstore import announcing, doorbell, turns
from appstore.models import AppStoreConnectKey, DeveloperTeam, Health, SyncRun
from appstore.models.run_states import State, after
from appstore.models.sync_run import MAX_ATTEMPTS
from organizations.actors import SYSTEM

random = SystemRandom()
AT_ONCE = 400
RINGS = 20
PROBED_EVERY = timedelta(days=7)
ABANDONED = "The worker ended in the middle of it, each time. The log of the worker may say why."


def sweep() -> int:
    """Safe to run anywhere and often. Returns how many runs were rung."""
    take_back()
    rung = 0
    for run_id in _unheard():
        SyncRun.objects.filter(pk=run_id).update(doorbell_at=Now())
        if not doorbell.ring_quietly(run_id):
            break
        rung += 1
    return rung


def take_back() -> None:
    """Runs whose worker let the lease end: due again, or given up when that happened each time.

    A lease that is longer than leases are was taken by a clock that was ahead, and counts as ended. What a paused
    worker holds locked is left for the next time, so that it does not keep the others waiting.
    """
    too_long = Q(lease_until__gt=after(settings.SYNC_LEASE_SECONDS + 5))
    with transaction.atomic():
        over = SyncRun.objects.filter(Q(lease_until__lt=Now()) | too_long, state=State.RUNNING)
        pks = list(over.select_for_update(skip_locked=True).values_list("pk", flat=True))
        abandoned = SyncRun.objects.filter(pk__in=pks)
        given_up = abandoned.filter(attempts__gte=MAX_ATTEMPTS).select_related("team__organization")
        for run in given_up:
            announcing.run_ended(run, State.DEAD, "abandoned", ABANDONED)
        given_up.update(
            state=State.DEAD,
            fence=F("fence") + 1,
            finished_at=Now(),
            error_code="abandoned",
            error_message=ABANDONED,
        )
        abandoned.filter(state=State.RUNNING).update(
            state=State.QUEUED, fence=F("fence") + 1, next_run_at=Now()
        )


def _unheard() -> list[uuid.UUID]:
    """Due runs to ring for, by turns. Few: each one that ends rings for the next (see appstore/runs.py)."""
    # One that was rung in the future was rung by a clock that was ahead.
    silent = Q(doorbell_at=None) | Q(doorbell_at__lt=after(-5)) | Q(doorbell_at__gt=after(5))
    found: list[uuid.UUID] = []
    for turn in turns.in_turn():
        due = turns.due_of(turn.organization, turns.AT_ONCE)
        unheard = set(SyncRun.objects.filter(silent, pk__in=due).values_list("pk", flat=True))
        found += [run_id for run_id in due if run_id in unheard]
        if len(found) >= RINGS:
            break
    return found[:RINGS]


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


def schedule_due_checks() -> int:
    """Ask Apple about keys that it refused a while ago, and what each key may do, once a week. Returns how many."""
    now = timezone.now()
    live = AppStoreConnectKey.objects.live().exclude(health=Health.REJECTED)
    doubted = live.filter(recheck_at__lte=now)
    unprobed = live.filter(probed_at__lt=now - PROBED_EVERY)
    keys = (doubted | unprobed).select_related("team__organization", "credential__organization")[:AT_ONCE]
    for key in keys:
        SyncRun.request_check(SYSTEM, key, trigger=SyncRun.Trigger.SCHEDULE)
    return len(keys)


def next_interval() -> timedelta:
    """The sync interval, a tenth more or less, so that teams added together do not sync together for ever."""
    jitter = random.uniform(0.9, 1.1)
    return timedelta(seconds=settings.SYNC_INTERVAL_SECONDS * jitter)
