"""A 401 is believed step by step: in doubt, asked after 5 and after 30 minutes, then refused and left alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appstore import schedule
from appstore.models import AppStoreConnectKey, Device, Health, SyncRun
from credentials.models import Status
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests.appstore.apple import Apple, sync, work


@pytest.fixture
def synced(key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    return key


def state(key: AppStoreConnectKey) -> tuple[Status, Health]:
    key.refresh_from_db()
    key.credential.refresh_from_db()
    return Status(key.credential.status), Health(key.health)


def minutes_to_recheck(key: AppStoreConnectKey) -> float:
    assert key.recheck_at is not None
    return (key.recheck_at - timezone.now()).total_seconds() / 60


def recheck(key: AppStoreConnectKey) -> None:
    """As if the time until Apple is asked again was over."""
    past = timezone.now() - timedelta(seconds=1)
    AppStoreConnectKey.objects.filter(pk=key.pk).update(recheck_at=past)
    assert schedule.schedule_due_checks() == 1
    work()


def test_a_key_revoked_at_apple(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.revoke_key(synced.key_id)
    run = sync(synced.team)
    assert (run.state, run.error_code, run.attempts) == ("WAITING", "unauthorized", 0)
    # Asked twice, the second time with a new token, and then silence.
    assert [each.status for each in apple.requests(synced)[-2:]] == [401, 401]
    assert state(synced) == (Status.IN_DOUBT, Health.SUSPECT)
    assert 4.9 < minutes_to_recheck(synced) <= 5

    recheck(synced)
    assert state(synced) == (Status.IN_DOUBT, Health.SUSPECT)
    assert 29.9 < minutes_to_recheck(synced) <= 30

    recheck(synced)
    assert state(synced) == (Status.REFUSED, Health.REJECTED)
    assert synced.recheck_at is None
    assert schedule.schedule_due_checks() == 0
    before = len(apple.requests(synced))
    SyncRun.objects.active().update(next_run_at=timezone.now() - timedelta(seconds=1))
    work()
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("FAILED", "no-key")
    assert len(apple.requests(synced)) == before
    # What was mirrored stays as it was.
    assert Device.objects.at_apple().count() == 4


def test_asking_again_and_again_does_not_decide_faster(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.inject(status=401, times=None)
    for _ in range(4):
        SyncRun.request_check(SYSTEM, synced, trigger=SyncRun.Trigger.MANUAL)
        work()
    assert state(synced) == (Status.IN_DOUBT, Health.SUSPECT)
    assert synced.doubts == 1


def test_a_doubt_that_was_unfounded_leaves_nothing(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.inject("/v1/bundleIds", status=401, times=2)
    run = sync(synced.team)
    assert run.state == "WAITING"
    recheck(synced)
    assert state(synced) == (Status.WORKS, Health.HEALTHY)
    assert (synced.doubts, synced.recheck_at) == (0, None)
    SyncRun.objects.active().update(next_run_at=timezone.now() - timedelta(seconds=1))
    work()
    run.refresh_from_db()
    assert run.state == "SUCCEEDED"


def test_a_new_key_that_is_refused_is_said_to_be(apple: Apple, acme: Organization) -> None:
    issued = apple.issue()
    apple.sandbox.revoke_key(issued.key_id)
    key = apple.upload(acme, issued)
    work()
    assert state(key) == (Status.REFUSED, Health.SUSPECT)
    assert 4.9 < minutes_to_recheck(key) <= 5


def test_a_refused_key_stops_the_schedule_and_a_good_check_starts_it_again(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    assert synced.team is not None
    schedule.schedule_due_syncs()
    AppStoreConnectKey.objects.update(health=Health.REJECTED)
    type(synced.team).objects.update(next_sync_at="2020-01-01T00:00Z")
    assert schedule.schedule_due_syncs() == 0
    SyncRun.request_check(SYSTEM, synced, trigger=SyncRun.Trigger.MANUAL)
    work()
    assert state(synced) == (Status.WORKS, Health.HEALTHY)
    assert schedule.schedule_due_syncs() == 1


def test_another_key_of_the_team_goes_on(apple: Apple, acme: Organization) -> None:
    team = apple.upload(acme).team
    apple.upload(acme)
    work()
    assert team is not None
    chosen = team.usable_keys()[0]
    apple.sandbox.inject(status=401, times=None, key_id=chosen.key_id)
    run = sync(team)
    assert (run.state, run.attempts) == ("SUCCEEDED", 1)
    assert {key.health for key in team.keys.all()} == {"SUSPECT", "HEALTHY"}


def test_a_key_that_apple_asked_to_wait_is_relieved_by_another(apple: Apple, acme: Organization) -> None:
    team = apple.upload(acme).team
    apple.upload(acme)
    work()
    assert team is not None
    chosen = team.usable_keys()[0]
    apple.sandbox.inject("/v1/profiles", status=429, retry_after=600, times=None, key_id=chosen.key_id)
    run = sync(team)
    assert run.state == "SUCCEEDED"
    chosen.refresh_from_db()
    assert chosen.paused_until is not None
    assert chosen.health == "HEALTHY"
    # What was read with the first one is not read again.
    assert [each.path for each in apple.requests(chosen)[-4:]].count("/v1/devices") == 1


def test_every_key_is_asked_what_it_may_do_once_a_week(apple: Apple, synced: AppStoreConnectKey) -> None:
    assert schedule.schedule_due_checks() == 0
    AppStoreConnectKey.objects.update(probed_at=timezone.now() - timedelta(days=7, seconds=1))
    assert schedule.schedule_due_checks() == 1
    work()
    assert schedule.schedule_due_checks() == 0
