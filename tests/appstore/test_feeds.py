"""Lists fetched side by side: the same result, in less time, and nothing left running."""

import threading
import time
from collections.abc import Callable

import pytest
from pytest_django import Settings

from appstore.feeds import AHEAD, Feeds
from appstore.models import BundleId, Certificate, Device, Profile, SyncRun
from organizations.models import Organization
from tests.appstore.apple import Apple, work
from tests.appstore.test_sync_transactions import sizes


class FakeClient:
    def __enter__(self) -> "FakeClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        pass


def test_a_feed_goes_no_further_ahead_than_it_may() -> None:
    fetched: list[int] = []

    def pages(_client: object) -> object:
        for number in range(100):
            fetched.append(number)
            yield number

    with Feeds(FakeClient, side_by_side=True) as feeds:  # type: ignore[arg-type]
        feed = iter(feeds.open(pages, lambda page: page))  # type: ignore[arg-type]
        assert next(feed) == 0
        time.sleep(0.1)
        assert len(fetched) <= AHEAD + 4  # one in each hand, and one between them
    deadline = time.monotonic() + 5
    while (
        any(thread.name.startswith("feed") for thread in threading.enumerate())
        and time.monotonic() < deadline
    ):
        time.sleep(0.02)
    assert not any(thread.name.startswith("feed") for thread in threading.enumerate())
    assert len(fetched) < 100


def test_what_went_wrong_is_raised_where_the_pages_are_read() -> None:
    def pages(_client: object) -> object:
        yield 1
        raise KeyError("gone")

    with Feeds(FakeClient, side_by_side=True) as feeds:  # type: ignore[arg-type]
        feed = iter(feeds.open(pages, lambda page: page))  # type: ignore[arg-type]
        assert next(feed) == 1
        with pytest.raises(KeyError):
            next(feed)


def test_a_sync_side_by_side_is_the_same_sync(
    make_apple: Callable[..., Apple], acme: Organization, settings: Settings
) -> None:
    settings.APPSTORE_LISTS_AT_ONCE = 4
    apple = make_apple(devices=250, profiles=3)
    key = apple.upload(acme)
    apple.sandbox.inject("/v1/", delay=0.05, times=None)
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert (run.state, run.requests) == ("SUCCEEDED", 5)
    assert sizes() == [3, 2, 250, 3]
    for model, name in (
        (BundleId, "bundleIds"),
        (Certificate, "certificates"),
        (Device, "devices"),
        (Profile, "profiles"),
    ):
        assert set(model._default_manager.values_list("apple_id", flat=True)) == set(apple.ids(name))
    assert all(profile.devices.count() == 250 for profile in Profile.objects.all())
    assert key.team is not None
