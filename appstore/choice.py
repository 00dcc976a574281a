"""Which key a run uses: the one that was asked for, else the healthiest of the team that may be used now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from appstore import breakers, budget
from appstore.clients import host_of
from appstore.models import AppStoreConnectKey, Health, SyncRun


@dataclass(frozen=True)
class Choice:
    """A key; or none, and then `seconds` until there may be one (None: there is none to wait for) and why."""

    key: AppStoreConnectKey | None = None
    seconds: float | None = None
    code: str = ""
    message: str = ""


def choose(run: SyncRun) -> Choice:
    """A few queries, whatever the number of keys that are used elsewhere."""
    waits = []
    for key in _candidates(run):
        wait = _wait(run, key)
        if wait is None:
            return Choice(key)
        waits.append(wait)
    return min(waits, key=lambda each: each.seconds or 0) if waits else Choice()


def _candidates(run: SyncRun) -> list[AppStoreConnectKey]:
    live = AppStoreConnectKey.objects.live().select_related("credential__organization", "team")
    chosen = live.filter(pk=run.key_id).first() if run.key_id else None
    if run.kind == SyncRun.Kind.CHECK:
        return [chosen] if chosen else []
    # The type of a key can change, and its team with it.
    if chosen is not None and chosen.team_id != run.team_id:
        chosen = None
    is_chosen = run.kind == SyncRun.Kind.CHANGE and chosen is not None
    if run.kind == SyncRun.Kind.FETCH or run.team is None or is_chosen:
        return [chosen] if chosen else []
    others = run.team.usable_keys().select_related("credential__organization", "team")
    first = [chosen] if chosen is not None and chosen.health != Health.REJECTED else []
    return first + [key for key in others if chosen is None or key.pk != chosen.pk]


def _wait(run: SyncRun, key: AppStoreConnectKey) -> Choice | None:
    """Why the key cannot be used now; None when it can."""
    now = timezone.now()
    if key.paused_until is not None and key.paused_until > now:
        return Choice(None, _seconds(key.paused_until, now), "rate-limited", "Apple asked this key to wait.")
    doubted = run.kind == SyncRun.Kind.SYNC and key.health == Health.SUSPECT
    if doubted and key.recheck_at is not None and key.recheck_at > now:
        return Choice(None, _seconds(key.recheck_at, now), "unauthorized",
                      "Apple refused the key a moment ago. It is asked once more before that is believed.")  # fmt: skip
    if wait := budget.seconds_until(key, is_background=run.is_background):
        return Choice(
            None, wait, "out-of-budget", "The hour's requests of this key are used up but for a reserve."
        )
    if wait := breakers.seconds_closed(host_of(key), key):
        return Choice(
            None, wait, "breaker-open", "Apple's server fails at the moment; it is asked again soon."
        )
    writers = SyncRun.objects.filter(writes=run.writes, state=SyncRun.State.RUNNING).exclude(pk=run.pk)
    if run.writes and writers.exists():
        return Choice(None, 2, "team-busy", "Another change of this Apple team is under way.")
    others = SyncRun.objects.filter(using=key, state=SyncRun.State.RUNNING).exclude(kind=SyncRun.Kind.FETCH)
    if run.kind != SyncRun.Kind.FETCH and others.exclude(pk=run.pk).exists():
        return Choice(None, 2, "key-busy", "The key is at work on something else.")
    return None


def _seconds(until: datetime, now: datetime) -> float:
    return max(1.0, (until - now).total_seconds())
