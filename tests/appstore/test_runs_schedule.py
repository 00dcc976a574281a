"""The schedule: every team is synced again and again, once at a time, and not all at the same moment."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from appstore import schedule
from appstore.models import AppStoreConnectKey, DeveloperTeam, Health, KeyType, SyncRun
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories
from tests.appstore.apple import work
from tests.appstore.side_by_side import side_by_side

HOUR = timedelta(hours=1)


@pytest.fixture
def team(key: AppStoreConnectKey) -> DeveloperTeam:
    """A team whose upload was checked and synced, and which the clock has noticed."""
    work()
    schedule.schedule_due_syncs()
    assert key.team is not None
    key.team.refresh_from_db()
    return key.team


def scheduled() -> int:
    return SyncRun.objects.filter(trigger=SyncRun.Trigger.SCHEDULE).count()


def pass_time(by: timedelta = 7 * HOUR) -> None:
    for team in DeveloperTeam.objects.exclude(next_sync_at=None):
        DeveloperTeam.objects.filter(pk=team.pk).update(next_sync_at=next_sync(team) - by)


def next_sync(team: DeveloperTeam) -> datetime:
    team.refresh_from_db()
    assert team.next_sync_at is not None
    return team.next_sync_at


def test_a_team_that_was_just_added_is_synced_by_schedule_from_then_on(key: AppStoreConnectKey) -> None:
    work()  # the check, and the first sync, which it asks for
    assert schedule.schedule_due_syncs() == 0
    for turn in (1, 2, 3):
        assert schedule.schedule_due_syncs() == 0  # its time has not come
        pass_time()
        assert schedule.schedule_due_syncs() == 1
        work()
        assert scheduled() == turn
    assert set(SyncRun.objects.values_list("state", flat=True)) == {"SUCCEEDED"}


def test_a_team_whose_first_check_did_not_reach_apple_is_synced_by_schedule(
    key: AppStoreConnectKey, settings: Settings
) -> None:
    url, settings.APPSTORE_API_URL = settings.APPSTORE_API_URL, "http://127.0.0.1:9"
    work()
    assert not SyncRun.objects.filter(kind="SYNC").exists()
    settings.APPSTORE_API_URL = url
    schedule.schedule_due_syncs()
    pass_time()
    assert schedule.schedule_due_syncs() == 1
    work()
    assert SyncRun.objects.get(kind="SYNC").state == "SUCCEEDED"


def test_the_next_time_is_an_interval_from_now_a_tenth_more_or_less(
    team: DeveloperTeam, settings: Settings
) -> None:
    settings.SYNC_INTERVAL_SECONDS = 10_000
    found = set()
    for _ in range(20):
        pass_time(by=24 * HOUR)
        schedule.schedule_due_syncs()
        found.add((next_sync(team) - timezone.now()).total_seconds())
    assert 8_990 <= min(found) < max(found) <= 11_000


@pytest.mark.parametrize(("factor", "expected"), [(0.9, 9_000), (1.1, 11_000)])
def test_the_bounds_of_the_interval(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, factor: float, expected: int
) -> None:
    settings.SYNC_INTERVAL_SECONDS = 10_000
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return factor

    monkeypatch.setattr("appstore.schedule.random.uniform", uniform)
    assert schedule.next_interval().total_seconds() == expected
    assert bounds == [(0.9, 1.1)]


def test_asked_twice_in_a_row_it_asks_once(team: DeveloperTeam) -> None:
    pass_time()
    assert [schedule.schedule_due_syncs() for _ in range(3)] == [1, 0, 0]
    assert scheduled() == 1


@pytest.mark.django_db(transaction=True)
def test_many_schedulers_at_once_ask_once() -> None:
    for number in range(5):
        factories.make_key(factories.make_root(f"Root {number}"))
    DeveloperTeam.objects.update(next_sync_at=timezone.now() - HOUR)
    asked = side_by_side(4, schedule.schedule_due_syncs)
    assert sum(asked) == 5
    assert scheduled() == 5


def test_a_sync_that_still_runs_is_not_doubled(team: DeveloperTeam) -> None:
    run = SyncRun.request_sync(SYSTEM, team, trigger=SyncRun.Trigger.MANUAL)
    pass_time()
    schedule.schedule_due_syncs()
    assert SyncRun.objects.active().count() == 1
    assert SyncRun.objects.active().get() == run


def test_a_team_with_several_keys_is_synced_once(team: DeveloperTeam, acme: Organization) -> None:
    factories.make_key(acme, issuer_id=team.issuer_id)
    pass_time()
    assert schedule.schedule_due_syncs() == 1


def archive_organization(key: AppStoreConnectKey) -> None:
    key.credential.organization.archive(SYSTEM)


def archive_root(key: AppStoreConnectKey) -> None:
    """Nobody reaches the sub-organizations of an archived root either."""
    root = factories.make_root("Root")
    factories.change(Organization.objects.filter(pk=key.credential.organization_id), parent=root)
    root.archive(SYSTEM)


SKIPPED: dict[str, Any] = {
    "rejected": lambda key: AppStoreConnectKey.objects.update(health=Health.REJECTED),
    "individual": lambda key: AppStoreConnectKey.objects.update(key_type=KeyType.INDIVIDUAL),
    "archived credential": lambda key: key.credential.archive(SYSTEM),
    "archived organization": archive_organization,
    "archived root": archive_root,
}


@pytest.mark.parametrize("withdraw", SKIPPED.values(), ids=SKIPPED)
def test_teams_without_a_usable_key_are_skipped(
    team: DeveloperTeam, key: AppStoreConnectKey, withdraw: Any
) -> None:
    withdraw(key)
    pass_time()
    assert schedule.schedule_due_syncs() == 0
    assert scheduled() == 0


@pytest.mark.parametrize("withdraw", [SKIPPED["rejected"], SKIPPED["archived credential"]])
def test_another_usable_key_is_enough(
    team: DeveloperTeam, key: AppStoreConnectKey, withdraw: Any, acme: Organization
) -> None:
    withdraw(key)
    factories.make_key(acme, issuer_id=team.issuer_id)
    pass_time()
    assert schedule.schedule_due_syncs() == 1


@pytest.mark.parametrize("health", [Health.UNCHECKED, Health.SUSPECT, Health.HEALTHY])
def test_a_key_in_doubt_is_not_given_up(team: DeveloperTeam, key: AppStoreConnectKey, health: Health) -> None:
    AppStoreConnectKey.objects.update(health=health)
    pass_time()
    assert schedule.schedule_due_syncs() == 1


def test_what_was_archived_and_restored_is_synced_again(team: DeveloperTeam, key: AppStoreConnectKey) -> None:
    key.credential.archive(SYSTEM)
    pass_time()
    schedule.schedule_due_syncs()
    key.credential.restore(SYSTEM)
    assert schedule.schedule_due_syncs() == 1
