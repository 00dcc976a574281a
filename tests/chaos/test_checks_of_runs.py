"""The checks of runs see what was lost, and the lag is counted from when a run became due."""

from typing import Any

from tests.chaos.checks import runs
from tests.chaos.database import HARNESS
from tests.chaos.trace import JOBS
from tests.chaos.written import TEAM, Trace, at


def row(state: str, **values: Any) -> dict[str, Any]:
    return {
        "id": "run-1", "kind": "SYNC", "team_id": TEAM, "state": state, "error_code": "", "finished_at": None,
        "lease_until": None, "doorbell_at": None, "created_at": at(0), **values,
    }  # fmt: skip


def test_what_never_ended() -> None:
    states = ["QUEUED", "WAITING", "RUNNING", "SUCCEEDED", "FAILED", "DEAD", "CANCELLED"]
    assert len(list(runs.unfinished((row(state) for state in states), at(11)))) == 3
    assert list(runs.unfinished([row("QUEUED")], at(9))) == []  # asked for in this moment


def test_a_sync_that_was_due_and_not_done() -> None:
    done = row("SUCCEEDED", finished_at=at(10))
    assert list(runs.never_done([(TEAM, at(5))], [done], set())) == []
    # It was made due again after that, and nothing came of it.
    (line,) = runs.never_done([(TEAM, at(5)), (TEAM, at(15))], [done], set())
    assert "due at 12:00:15" in line
    assert list(runs.never_done([(TEAM, at(15))], [done], {TEAM})) == []
    assert list(runs.never_done([(TEAM, at(15))], [row("CANCELLED", finished_at=at(14))], set()))
    assert list(runs.never_done([("team-2", at(1))], [done], set()))


def test_a_run_in_the_hands_of_the_dead() -> None:
    running = row("RUNNING", lease_until=at(0))
    assert list(runs.held_by_the_dead([running], at(9))) == []
    assert len(list(runs.held_by_the_dead([running], at(11)))) == 1
    assert list(runs.held_by_the_dead([row("RUNNING")], at(0)))
    assert list(runs.held_by_the_dead([row("QUEUED")], at(0))) == []


def test_a_run_that_a_corrected_clock_left_behind() -> None:
    good = [row("QUEUED"), row("QUEUED", doorbell_at=at(-60)), row("RUNNING", lease_until=at(9))]
    assert list(runs.left_by_the_clock(good, at(0), lease=10)) == []
    bad = [row("WAITING", doorbell_at=at(3600)), row("RUNNING", lease_until=at(3600))]
    assert len(list(runs.left_by_the_clock(bad, at(0), lease=10))) == 2
    assert list(runs.left_by_the_clock([row("SUCCEEDED", doorbell_at=at(3600))], at(0), lease=10)) == []


def test_rows_that_are_lost_or_from_nowhere() -> None:
    trace = Trace()
    trace.request()
    assert list(runs.lost_rows(trace.events, [row("QUEUED")])) == []
    assert list(runs.lost_rows(trace.events, [])) == ["run run-1 was made and is not there"]
    (line,) = runs.lost_rows(trace.events, [row("QUEUED"), row("QUEUED", id="run-2")])
    assert line == "run run-2 is there and was never made"


def test_rows_that_were_tidied_away() -> None:
    trace = Trace()
    trace.request()
    trace.claim(1, "worker-1", fence=1)
    trace.add(2, "worker-1", JOBS, trace.job, {})
    assert list(runs.lost_rows(trace.events, [])) == ["run run-1 was made and is not there"]
    trace.end(3, "worker-1")
    trace.add(4, "scheduler", JOBS, trace.job, {})
    assert list(runs.lost_rows(trace.events, [])) == []


def test_lag_from_due_to_claimed() -> None:
    trace = Trace()
    trace.request(0)
    trace.change(2, "scheduler", doorbell_at=at(2).isoformat())  # which makes nothing due anew
    trace.claim(3, "worker-1", fence=1, lease=10)
    trace.change(5, "worker-1", state="WAITING", next_run_at=at(60).isoformat())
    trace.claim(61, "worker-1", fence=2, lease=10)
    trace.claim(75, "worker-2", fence=3, lease=10)  # whose owner had died: due with the end of its lease
    assert runs.lags(trace.events) == [3, 1, 4]
    assert runs.claims(trace.events) == 3


def test_lag_after_a_step_of_the_clock_counts_from_the_step() -> None:
    trace = Trace()
    trace.request(0)
    trace.change(10, HARNESS, next_run_at=at(-7200).isoformat())
    trace.claim(12, "worker-1", fence=1)
    assert runs.lags(trace.events) == [2]
