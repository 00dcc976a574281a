"""Apple's hour: the background leaves a reserve, the minute is waited out, a 429 pauses the key."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appstore import budget
from appstore.models import AppStoreConnectKey, SyncRun
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple, sync, work


def key_with(limit: int | None, left: int | None, *, ago: float = 0) -> AppStoreConnectKey:
    at = timezone.now() - timedelta(seconds=ago) if limit is not None else None
    return AppStoreConnectKey(hour_limit=limit, hour_remaining=left, limits_at=at)


@pytest.mark.parametrize(
    ("limit", "left", "ago", "background", "interactive"),
    [
        (None, None, 0, True, True),
        (3600, 3600, 0, True, True),
        (3600, 730, 0, True, True),
        (3600, 715, 0, False, True),
        (3600, 1, 0, False, True),
        (360, 0, 0, False, False),
        (3600, 0, 1800, True, True),  # half of the hour is back
        (3600, 0, 10, False, True),
    ],
)
def test_a_fifth_of_the_hour_is_for_those_who_wait(
    limit: int | None, left: int | None, ago: int, background: bool, interactive: bool
) -> None:
    key = key_with(limit, left, ago=ago)
    assert (budget.seconds_until(key, is_background=True) == 0) == background
    assert (budget.seconds_until(key, is_background=False) == 0) == interactive


def test_more_than_an_hour_is_never_left() -> None:
    assert budget.remaining_now(key_with(3600, 3000, ago=7200)) == 3600


def test_answers_out_of_order_leave_the_least(db: None) -> None:
    key = key_with(None, None)
    spent = budget.Budget(key, is_background=True)
    for left in (3598, 3597, 3599):
        spent.after(f"user-hour-lim:3600;user-hour-rem:{left};")
    spent.after("")
    spent.after("user-minute-lim:150;user-minute-rem:9;other-lim:5")
    assert (key.hour_limit, key.hour_remaining) == (3600, 3597)
    assert (key.minute_limit, key.minute_remaining) == (150, 9)


def test_the_minute_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = [1000.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(budget.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(budget.time, "sleep", sleep)
    spent = budget.Budget(AppStoreConnectKey(minute_limit=3), is_background=False)
    for _ in range(7):
        spent.before()
        now[0] += 1
    assert spent.requests == 7
    assert slept == [57.0, 57.0]


def test_a_sync_by_schedule_stops_at_the_reserve_and_one_by_hand_does_not(
    apple: Apple, key: AppStoreConnectKey
) -> None:
    work()
    assert key.team is not None
    AppStoreConnectKey.objects.update(hour_limit=3600, hour_remaining=100, limits_at=timezone.now())
    before = len(apple.requests(key))
    run = sync(key.team)
    assert (run.state, run.error_code, run.attempts) == ("WAITING", "out-of-budget", 0)
    assert len(apple.requests(key)) == before
    SyncRun.objects.active().delete()
    by_hand = SyncRun.request_sync(SYSTEM, key.team, SyncRun.Trigger.MANUAL)
    work()
    by_hand.refresh_from_db()
    assert (by_hand.state, by_hand.requests) == ("SUCCEEDED", 4)


def test_the_figures_of_the_last_answer_are_kept(apple: Apple, key: AppStoreConnectKey) -> None:
    work()
    key.refresh_from_db()
    assert key.hour_limit == 1_000_000
    assert key.hour_remaining is not None
    assert 0 < key.hour_remaining < 1_000_000
    assert key.limits_at is not None


def test_429s_in_a_row_wait_longer_and_never_together() -> None:
    waits = []
    for throttles in range(12):
        key = AppStoreConnectKey(throttles=throttles)
        key.save = lambda **_: None  # type: ignore[method-assign]
        waits.append(key.pause(None))
        assert 1 <= waits[-1] <= max(2.0, min(900, 2 ** (throttles + 1)))
    assert len(set(waits)) == 12
    key = AppStoreConnectKey()
    key.save = lambda **_: None  # type: ignore[method-assign]
    assert key.pause(77) == 77
