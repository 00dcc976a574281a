"""Every run that was due ends, nothing is held by the dead, no row is lost."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.chaos.checks.owners import RUNNING, is_claim
from tests.chaos.database import HARNESS
from tests.chaos.trace import Event, moment, of_jobs

Rows = Iterable[dict[str, Any]]
WAITING = ("QUEUED", "WAITING")
ACTIVE = (*WAITING, RUNNING)
TWO_SWEEPS = timedelta(seconds=10)


def unfinished(runs: Rows, now: datetime) -> Iterator[str]:
    """After everything came to rest no run is on its way, but for those that were only just asked for."""
    for run in runs:
        if run["state"] in ACTIVE and run["created_at"] < now - TWO_SWEEPS:
            yield f"{run['kind']} {run['id']} is still {run['state']} ({run['error_code'] or 'no error'})"


def never_done(dues: Iterable[tuple[str, datetime]], runs: Rows, stopped: set[str]) -> Iterator[str]:
    """A team whose sync was due, and of which no sync ended since (I1). `stopped`: teams without a usable key."""
    ended: dict[str, datetime] = {}
    for run in runs:
        if run["kind"] == "SYNC" and run["finished_at"]:
            team = str(run["team_id"])
            ended[team] = max(run["finished_at"], ended.get(team, run["finished_at"]))
    latest: dict[str, datetime] = {}
    for team, at in dues:
        latest[team] = max(at, latest.get(team, at))
    for team, at in latest.items():
        if team not in stopped and (team not in ended or ended[team] < at):
            yield f"team {team}: due at {at:%H:%M:%S}, its last sync ended at {ended.get(team, 'no time')}"


def held_by_the_dead(runs: Rows, now: datetime) -> Iterator[str]:
    """RUNNING although the lease ended more than two sweeps ago (I9)."""
    for run in runs:
        if run["state"] == RUNNING and (run["lease_until"] is None or run["lease_until"] < now - TWO_SWEEPS):
            yield f"{run['kind']} {run['id']} is RUNNING with a lease until {run['lease_until']}"


def left_by_the_clock(runs: Rows, now: datetime, lease: float) -> Iterator[str]:
    """Held or not rung because of a time that lies further ahead than any that is noted by a right clock."""
    for run in runs:
        rung, until = run["doorbell_at"], run["lease_until"]
        if run["state"] in WAITING and rung is not None and rung > now + timedelta(seconds=5):
            yield f"{run['kind']} {run['id']} is {run['state']}, and was rung at {rung:%H:%M:%S}, which is to come"
        if run["state"] == RUNNING and until is not None and until > now + timedelta(seconds=lease + 5):
            yield f"{run['kind']} {run['id']} is RUNNING with a lease until {until:%H:%M:%S}, longer than a lease is"


def lost_rows(events: Iterable[Event], runs: Rows) -> Iterator[str]:
    """Rows that were made are there, in one state each (I10); but for those that were tidied away after their end."""
    made: set[str] = set()
    for event in of_jobs(events):
        if not event.old:
            made.add(event.new["id"])
        elif not event.new and event.old["finished_at"]:
            made.discard(event.old["id"])
    there = [str(run["id"]) for run in runs]
    for missing in sorted(made - set(there)):
        yield f"run {missing} was made and is not there"
    for extra in sorted(set(there) - made):
        yield f"run {extra} is there and was never made"


def lags(events: Iterable[Event]) -> list[float]:
    """Seconds from due (or from the end of a dead worker's lease) to claimed, for each claim."""
    due: dict[str, datetime | None] = {}
    found = []
    for event in of_jobs(events):
        if not event.new:
            continue
        run, since = event.new["id"], due.get(event.new["id"])
        if is_claim(event) and since is not None:
            found.append(max(0.0, (event.at - since).total_seconds()))
        if _clock(event.new) != _clock(event.old):
            until = moment(_clock(event.new)[1])
            # Not before it became known, which is what a step of the clock or a taken back run looks like
            due[run] = max(until, event.at) if until else None
    return found


def _clock(row: dict[str, Any]) -> tuple[str, str | None]:
    """What makes a run due, and when that is."""
    if not row:
        return "", None
    if row["state"] in WAITING:
        return "waiting", row["next_run_at"]
    return row["state"], row["lease_until"] if row["state"] == RUNNING else None


def claims(events: Iterable[Event]) -> int:
    return sum(is_claim(event) for event in of_jobs(events) if event.who != HARNESS)
