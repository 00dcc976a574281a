"""Nobody writes for a run that is another's: what the fence and the lease are for."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.chaos.database import HARNESS
from tests.chaos.trace import JOBS, Event, moment, of_jobs

RUNNING = "RUNNING"
Ownership = tuple[str, int]  # run, fence


def is_claim(event: Event) -> bool:
    new, old = event.new, event.old
    return bool(new and old) and new["state"] == RUNNING and new["fence"] > old["fence"]


def double_claims(events: list[Event]) -> Iterator[str]:
    """The same fence given out twice, or one that went back."""
    owners: dict[Ownership, str] = {}
    for event in of_jobs(events):
        if event.new and event.old and event.new["fence"] < event.old["fence"]:
            yield f"run {event.row['id']}: the fence went back to {event.new['fence']} ({event.who})"
        if not is_claim(event):
            continue
        owner = (event.new["id"], event.new["fence"])
        if owner in owners:
            yield f"run {owner[0]}: fence {owner[1]} claimed by {owners[owner]} and by {event.who}"
        owners[owner] = event.who


def strange_writes(events: list[Event]) -> Iterator[str]:
    """Rows of the mirror, and ends of runs, that were written by another than the run's owner of that moment."""
    owners = _claimed(events)
    of_run: dict[int, list[Event]] = defaultdict(list)
    for event in of_jobs(events):
        of_run[event.txid].append(event)
        if event.who != HARNESS and _is_owners_step(event):
            yield from _judge_owner(event, owners)
    for txid, (team, who, relation) in _pages(events).items():
        held = [
            event for event in of_run[txid]
            if event.old and event.old["state"] == RUNNING and event.old["team_id"] == team
        ]  # fmt: skip
        if not held:
            yield f"{relation}: rows of team {team} written by {who} without holding a run (transaction {txid})"
        for event in held:
            yield from _judge_owner(event, owners)
            yield from _judge_lease(event)


def _claimed(events: list[Event]) -> dict[Ownership, str]:
    return {(event.new["id"], event.new["fence"]): event.who for event in of_jobs(events) if is_claim(event)}


def _pages(events: list[Event]) -> dict[int, tuple[str, str, str]]:
    """Transaction → whose mirror it wrote, who wrote, and a table."""
    return {
        event.txid: (event.row["team_id"], event.who, event.relation)
        for event in events
        if event.relation != JOBS and event.who != HARNESS
    }


def _is_owners_step(event: Event) -> bool:
    """The run was given back or ended under the fence of its owner; a sweeper or a cancellation takes a new one."""
    old, new = event.old, event.new
    if not old or not new or old["state"] != RUNNING or old["fence"] != new["fence"]:
        return False
    return new["state"] != RUNNING or new["generation"] != old["generation"]


def _judge_owner(event: Event, owners: dict[Ownership, str]) -> Iterator[str]:
    owner = owners.get((event.old["id"], event.old["fence"]))
    if owner != event.who:
        yield (
            f"run {event.old['id']}: written by {event.who} under fence {event.old['fence']}, "
            f"which {owner or 'nobody'} had claimed"
        )


def _judge_lease(event: Event) -> Iterator[str]:
    until = moment(event.old["lease_until"])
    if until is None or until <= event.started:
        yield f"run {event.old['id']}: a page written by {event.who} when its lease had ended ({until})"


def generations_twice(events: list[Event]) -> Iterator[str]:
    """Two finished syncs of one team with the same generation (I3)."""
    finished: dict[tuple[str, int], str] = {}
    for event in of_jobs(events):
        new, old = event.new, event.old
        if (
            not new
            or new["kind"] != "SYNC"
            or new["state"] != "SUCCEEDED"
            or (old and old["state"] == "SUCCEEDED")
        ):
            continue
        key = (new["team_id"], new["generation"])
        if key in finished and finished[key] != new["id"]:
            yield f"team {key[0]}: generation {key[1]} finished by runs {finished[key]} and {new['id']}"
        finished[key] = new["id"]


def generations_backwards(events: list[Event]) -> Iterator[str]:
    """A row of the mirror that an older run wrote after a newer one."""
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in events:
        if event.relation != JOBS and event.new.get("seen_generation") is not None:
            seen[event.relation, event.new["id"]].append(event.new["seen_generation"])
    for (relation, row), generations in seen.items():
        for before, after in pairwise(generations):
            if after < before:
                yield f"{relation} {row}: generation {after} written over {before}"
