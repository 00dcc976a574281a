"""The checks of the mirror see every way in which it could be wrong."""

from tests.chaos.checks import mirrors
from tests.chaos.written import TEAM, Trace, at

PLACE = (TEAM, "devices")


def test_a_true_mirror() -> None:
    listed, mirrored = {PLACE: {"A1"}}, {PLACE: {"A1": False, "A2": True}}
    checks = (mirrors.wrong_tombstones, mirrors.never_mirrored, mirrors.unmarked)
    assert [list(check(listed, mirrored)) for check in checks] == [[], [], []]


def test_each_way_to_be_wrong() -> None:
    listed, mirrored = {PLACE: {"A1", "A3"}}, {PLACE: {"A1": True, "A2": False}}
    assert list(mirrors.wrong_tombstones(listed, mirrored)) == [
        "devices A1 of team team-1 is marked as gone, and Apple lists it"
    ]
    assert list(mirrors.never_mirrored(listed, mirrored)) == [
        "devices A3 of team team-1 is at Apple and not in the mirror"
    ]
    assert list(mirrors.unmarked(listed, mirrored)) == [
        "devices A2 of team team-1 is gone at Apple and not marked"
    ]


def test_a_team_without_any_row() -> None:
    assert list(mirrors.never_mirrored({PLACE: {"A1"}}, {}))
    assert list(mirrors.unmarked({}, {PLACE: {"A1": False}}))


def test_a_tombstone_that_came_before_the_end() -> None:
    trace = Trace()
    trace.row(5, "worker-1", gone_at=at(5).isoformat())
    assert mirrors.tombstones(trace.events) == 1
    assert list(mirrors.hasty_tombstones(trace.events, {}))  # Apple listed it all the time
    assert list(mirrors.hasty_tombstones(trace.events, {"A1": at(6)}))  # it was removed only later
    assert list(mirrors.hasty_tombstones(trace.events, {"A1": at(4)})) == []
