"""How far the work on a key is, in words and steps: what the key page shows and polls."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from appstore.collections import COLLECTIONS
from appstore.models import AppStoreConnectKey, SyncRun


@dataclass(frozen=True)
class Step:
    label: str
    state: str  # done, now, todo
    detail: str = ""


@dataclass(frozen=True)
class Progress:
    """`run` is the active run, or None when nothing is going on. `part` of 1 is done; None: nobody can tell."""

    run: SyncRun | None
    steps: list[Step]
    seen: int = 0
    part: float | None = None
    note: str = ""

    @property
    def is_active(self) -> bool:
        return self.run is not None


def progress_of(key: AppStoreConnectKey) -> Progress:
    """One query."""
    about = Q(key=key) | (Q(team_id=key.team_id) if key.team_id else Q(pk=None))
    run = (
        SyncRun.objects.active()
        .filter(about)
        .exclude(kind__in=[SyncRun.Kind.FETCH, SyncRun.Kind.CHANGE])
        .order_by("kind", "created_at")
        .first()
    )
    if run is None:
        return Progress(None, [])
    if run.kind == SyncRun.Kind.CHECK:
        return Progress(
            run, [Step("Asking Apple whether the key works", "now"), *_sync_steps(run)], note=_note(run)
        )
    seen = sum(count.get("seen") or 0 for count in run.counts.values())
    # Apple tells how long a list is with its first page: each list counts the same, those to come included.
    part = sum(_part(run, name) for name in COLLECTIONS) / len(COLLECTIONS)
    return Progress(run, _sync_steps(run), seen=seen, part=part, note=_note(run))


def _finished(run: SyncRun) -> set[str]:
    return set(run.cursor.get("done", [])) | set(run.cursor.get("refused", {}))


def _part(run: SyncRun, name: str) -> float:
    if name in _finished(run):
        return 1
    count = run.counts.get(name, {})
    return min(1, count["seen"] / count["total"]) if count.get("total") else 0


def _sync_steps(run: SyncRun) -> list[Step]:
    finished = _finished(run)
    started = set(run.counts) - finished
    return [
        Step(
            each.label,
            "done" if each.name in finished else "now" if each.name in started else "todo",
            _detail(run, each.name),
        )
        for each in COLLECTIONS.values()
    ]


def _detail(run: SyncRun, name: str) -> str:
    if name in run.cursor.get("refused", {}):
        return "not allowed for this key"
    count = run.counts.get(name)
    if not count:
        return ""
    return f"{count['seen']} of {count['total']}" if count.get("total") else str(count["seen"])


def _note(run: SyncRun) -> str:
    """Why nothing moves, where that is so."""
    if run.state == SyncRun.State.WAITING:
        return f"{run.error_message} Trying again by itself."
    if run.state == SyncRun.State.QUEUED and run.created_at < timezone.now() - timedelta(seconds=15):
        return "No worker has taken it yet. If this stays, ask the operator whether the worker runs."
    return ""
