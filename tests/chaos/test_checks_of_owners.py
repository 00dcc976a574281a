"""The checks of ownership see what is broken, and say nothing of a run as it should be."""

import pytest

from tests.chaos.checks import owners
from tests.chaos.database import HARNESS
from tests.chaos.written import Trace

CHECKS = [
    owners.double_claims,
    owners.strange_writes,
    owners.generations_twice,
    owners.generations_backwards,
]


@pytest.fixture
def trace() -> Trace:
    """A run that one worker has, since second 1."""
    trace = Trace()
    trace.request()
    trace.claim(1, "worker-1", fence=1)
    return trace


def test_a_good_run_is_good(trace: Trace) -> None:
    trace.page(2, "worker-1")
    # The worker dies; a sweeper takes the run back, and another worker goes on.
    trace.change(12, "worker-3", state="QUEUED", fence=2)
    trace.claim(13, "worker-2", fence=3)
    trace.page(14, "worker-2")
    trace.end(15, "worker-2")
    trace.row(16, HARNESS)
    assert [list(check(trace.events)) for check in CHECKS] == [[], [], [], []]


def test_one_fence_for_two(trace: Trace) -> None:
    trace.change(2, "worker-3", state="QUEUED", fence=0)
    trace.claim(3, "worker-2", fence=1)
    assert len(list(owners.double_claims(trace.events))) == 2  # it went back, and it was given out again


def test_rows_without_a_run(trace: Trace) -> None:
    trace.row(2, "worker-1")
    assert "without holding a run" in next(owners.strange_writes(trace.events))


def test_a_page_by_another_than_the_owner(trace: Trace) -> None:
    trace.page(2, "worker-2")
    assert "which worker-1 had claimed" in next(owners.strange_writes(trace.events))


def test_a_page_by_the_owner_of_before(trace: Trace) -> None:
    trace.change(12, "worker-3", state="QUEUED", fence=2)
    trace.claim(13, "worker-2", fence=3)
    trace.page(14, "worker-1")
    assert "which worker-2 had claimed" in next(owners.strange_writes(trace.events))


def test_a_page_after_the_lease(trace: Trace) -> None:
    trace.page(12, "worker-1")
    assert "its lease had ended" in next(owners.strange_writes(trace.events))


def test_an_end_by_another(trace: Trace) -> None:
    trace.end(2, "worker-2")
    assert "which worker-1 had claimed" in next(owners.strange_writes(trace.events))


def test_a_generation_that_two_runs_finish(trace: Trace) -> None:
    trace.end(2, "worker-1", generation=7)
    trace.request(3, run="run-2")
    trace.claim(4, "worker-2", fence=1)
    trace.end(5, "worker-2", generation=7)
    assert len(list(owners.generations_twice(trace.events))) == 1


def test_an_older_generation_over_a_newer_one(trace: Trace) -> None:
    trace.page(2, "worker-1", generation=5)
    trace.page(3, "worker-1", generation=4)
    assert "generation 4 written over 5" in next(owners.generations_backwards(trace.events))
