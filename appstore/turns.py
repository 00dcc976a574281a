"""Whose turn it is: each organization gets a worker in turn, however much another one has asked for.

A message says that there is something to do and not what: the worker that gets it serves the organization with the
fewest running runs, and of these the one that was served longest ago.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Case, Count, Min, Value, When
from django.db.models.functions import Now

from appstore.models import SyncRun, SyncTurn
from appstore.models.run_states import State

AT_ONCE = 4  # running runs of one organization
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Turn:
    organization: uuid.UUID | None
    running: int
    served_at: datetime
    due_since: datetime


def in_turn() -> list[Turn]:
    """The organizations that have something due and may run more of it, the next one first. Three queries at most."""
    due = SyncRun.objects.waiting().order_by().values("organization").annotate(since=Min("next_run_at"))
    waiting = {row["organization"]: row["since"] for row in due}
    if not waiting:
        return []
    rows = SyncRun.objects.filter(state=State.RUNNING, lease_until__gt=Now()).order_by()
    running = dict(rows.values_list("organization").annotate(Count("pk")))
    served: dict[uuid.UUID, datetime] = {}
    if len(waiting) > 1:  # or there is nobody to come after
        turns = SyncTurn.objects.filter(organization__in=[each for each in waiting if each])
        served = dict(turns.values_list("organization", "at"))
    turns_now = [
        Turn(each, running.get(each, 0), served.get(each, _NEVER) if each else _NEVER, since)
        for each, since in waiting.items()
    ]
    return sorted(
        (turn for turn in turns_now if turn.organization is None or turn.running < AT_ONCE),
        key=lambda turn: (turn.running, turn.served_at, turn.due_since),
    )


def due_of(organization: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """What people wait for first, then what is due longest."""
    by_hand = Case(When(trigger=SyncRun.Trigger.MANUAL, then=Value(0)), default=Value(1))
    rows = SyncRun.objects.waiting().filter(organization=organization).order_by(by_hand, "next_run_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def next_runs(hint: uuid.UUID | None = None) -> Iterator[uuid.UUID]:
    """The run to do now, and more in case somebody else takes it first; asked for one by one. `hint`: of those that are
    due in the organization whose turn it is, this one before the others."""
    turns = in_turn()[:AT_ONCE]
    if hint is not None:
        of_hint = SyncRun.objects.due().filter(pk=hint).values_list("organization", flat=True)
        if list(of_hint) == [turns[0].organization] if turns else of_hint.exists():
            yield hint
    for turn in turns:
        yield from (due for due in due_of(turn.organization, AT_ONCE) if due != hint)


def served(organization: uuid.UUID | None) -> None:
    if organization is not None:
        SyncTurn.objects.update_or_create(organization_id=organization, defaults={"at": Now()})
