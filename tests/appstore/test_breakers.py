"""Circuit breakers: a host that fails is left alone, tried once in a while, and asked again when it works."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appstore import breakers
from appstore.models import AppStoreConnectKey, Breaker
from tests.appstore.apple import Apple, sync, work

HOST = "api.example.com"


def fail(key: AppStoreConnectKey, times: int) -> None:
    for _ in range(times):
        breakers.failed(HOST, key)


def end_the_wait() -> None:
    Breaker.objects.update(open_until=timezone.now() - timedelta(seconds=1))


def test_open_after_five_failures_in_a_minute(key: AppStoreConnectKey) -> None:
    fail(key, 4)
    assert breakers.seconds_closed(HOST, key) == 0
    fail(key, 1)
    assert 29 < breakers.seconds_closed(HOST, key) <= 30
    assert breakers.seconds_closed("elsewhere.example.com", key) == 0


def test_old_failures_do_not_count(key: AppStoreConnectKey) -> None:
    fail(key, 4)
    Breaker.objects.update(failing_since=timezone.now() - timedelta(seconds=61))
    fail(key, 1)
    assert breakers.seconds_closed(HOST, key) == 0


def test_each_failed_probe_waits_twice_as_long_up_to_ten_minutes(key: AppStoreConnectKey) -> None:
    fail(key, 5)
    waits = []
    for _ in range(6):
        end_the_wait()
        assert breakers.seconds_closed(HOST, key) == 0
        fail(key, 1)
        waits.append(round(breakers.seconds_closed(HOST, key)))
    assert waits == [60, 120, 240, 480, 600, 600]


def test_a_success_closes_it(key: AppStoreConnectKey) -> None:
    fail(key, 5)
    breakers.worked(HOST, key)
    assert breakers.seconds_closed(HOST, key) == 0
    assert not Breaker.objects.exists()


def test_what_fails_for_one_key_holds_back_every_key_of_the_host(
    apple: Apple, key: AppStoreConnectKey
) -> None:
    other = apple.upload(key.credential.organization)
    fail(key, 5)
    assert breakers.seconds_closed(HOST, other) > 0


@pytest.mark.parametrize("kind", ["cut", "hang"])
def test_a_sync_meets_a_host_that_fails(
    apple: Apple, key: AppStoreConnectKey, settings: object, kind: str
) -> None:
    work()
    settings.APPSTORE_READ_TIMEOUT = 0.2  # type: ignore[attr-defined]
    apple.sandbox.inject("/v1/bundleIds", kind=kind, times=None)
    for _ in range(5):
        Breaker.objects.update(open_until=None)
        run = sync(key.team)
        type(run).objects.filter(pk=run.pk).delete()
    before = len(apple.requests(key))
    run = sync(key.team)
    assert (run.state, run.error_code, run.attempts) == ("WAITING", "breaker-open", 0)
    assert len(apple.requests(key)) == before
