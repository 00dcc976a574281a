"""Trouble at Apple or on the way there: the run waits, tries again, and gives up in the end."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from appstore.models import AppStoreConnectKey, Breaker, Device, SyncRun
from appstore.models.sync_run import MAX_ATTEMPTS, after
from credentials.models import Status
from tests.appstore.apple import Apple, sync, work
from tests.conftest import Cast

TROUBLE: dict[str, tuple[dict[str, Any], str]] = {
    "500": ({"status": 500}, "server-error"),
    "503": ({"status": 503}, "server-error"),
    "a proxy's page": ({"kind": "bad_gateway"}, "server-error"),
    "half an answer": ({"kind": "malformed"}, "unexpected-answer"),
    "no answer": ({"kind": "hang"}, "unreachable"),
    "429 without a word": ({"status": 429}, "rate-limited"),
}


@pytest.fixture
def synced(key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    return key


def seconds_to_wait(run: SyncRun) -> float:
    return (run.next_run_at - timezone.now()).total_seconds()


def try_again(run: SyncRun) -> None:
    """As if the time to wait was over, for the run, its key and Apple's host."""
    AppStoreConnectKey.objects.filter(paused_until__isnull=False).update(paused_until=after(-1))
    Breaker.objects.filter(open_until__isnull=False).update(open_until=after(-1))
    SyncRun.objects.filter(pk=run.pk).update(next_run_at=after(-1))
    work()
    run.refresh_from_db()


@pytest.mark.parametrize(("fault", "code"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_passes(
    apple: Apple, synced: AppStoreConnectKey, settings: Settings, fault: dict[str, Any], code: str
) -> None:
    patience = settings.APPSTORE_READ_TIMEOUT
    apple.sandbox.inject("/v1/devices", times=None, **fault)
    settings.APPSTORE_READ_TIMEOUT = 0.5 if code == "unreachable" else patience
    run = sync(synced.team)
    settings.APPSTORE_READ_TIMEOUT = patience
    is_limit = code == "rate-limited"  # which is no failure: the key waits, and the run with it
    assert (run.state, run.error_code, run.attempts) == ("WAITING", code, 0 if is_limit else 1)
    assert run.error_message
    assert -1 < seconds_to_wait(run) <= 2 if is_limit else 20 < seconds_to_wait(run) <= 30
    # It says nothing of the key, and takes nothing away.
    synced.refresh_from_db()
    synced.credential.refresh_from_db()
    assert (synced.credential.status, synced.health) == (Status.WORKS, "HEALTHY")
    assert Device.objects.at_apple().count() == 4
    apple.sandbox.clear_faults()
    try_again(run)
    assert (run.state, run.error_code, run.error_message) == ("SUCCEEDED", "", "")


@pytest.mark.parametrize(("fault", "code"), [TROUBLE["500"], TROUBLE["half an answer"]])
def test_giving_up(apple: Apple, synced: AppStoreConnectKey, fault: dict[str, Any], code: str) -> None:
    apple.sandbox.inject("/v1/devices", times=None, **fault)
    run = sync(synced.team)
    waits = []
    while run.state == "WAITING":
        waits.append(seconds_to_wait(run))
        try_again(run)
    assert (run.state, run.error_code, run.attempts) == ("DEAD", code, MAX_ATTEMPTS)
    assert run.finished_at is not None
    assert run.error_message
    assert [round(wait / 30) for wait in waits] == [1, 2, 4, 8, 16, 30, 30]
    # Giving up on a run is not giving up on the team.
    apple.sandbox.clear_faults()
    run = sync(synced.team)
    if fault.get("status"):  # Apple's server failed: it is left alone for a while
        assert (run.state, run.error_code, run.attempts) == ("WAITING", "breaker-open", 0)
        try_again(run)
    assert run.state == "SUCCEEDED"


def test_apple_says_how_long_to_wait(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.inject("/v1/devices", status=429, retry_after=1234, times=None)
    run = sync(synced.team)
    assert (run.state, run.error_code) == ("WAITING", "rate-limited")
    assert 1224 < seconds_to_wait(run) <= 1234
    asked = len(apple.requests(synced))
    work()
    assert len(apple.requests(synced)) == asked  # nothing before the time is over
    # Waiting because Apple said so is no failure: it never makes a run give up.
    for _ in range(MAX_ATTEMPTS + 1):
        try_again(run)
    assert (run.state, run.attempts) == ("WAITING", 0)
    apple.sandbox.clear_faults()
    try_again(run)
    assert run.state == "SUCCEEDED"


def test_the_key_page_says_that_it_waits_and_why(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    apple.sandbox.inject("/v1/devices", status=500, times=None)
    work()
    page = cast.client("root_owner").get(reverse("key-progress", args=[cast.root.slug, key.credential_id]))
    assert "Apple&#x27;s server failed (HTTP 500)" in page.content.decode()
    assert "Trying again by itself." in page.content.decode()
    assert "HX-Refresh" not in page.headers


def test_what_is_done_is_not_done_again(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.inject("/v1/devices", kind="cut")
    run = sync(synced.team)
    before = len(apple.requests(synced))
    try_again(run)
    assert [each.path for each in apple.requests(synced)[before:]] == ["/v1/devices", "/v1/profiles"]


DONE = {"seen": 250, "created": 0, "changed": 0, "gone": 0, "held": 0, "total": 250}


@pytest.fixture
def cut_off(make_apple: Any, acme: Any) -> tuple[Apple, SyncRun]:
    """A first sync of 250 devices that broke after their first page."""
    apple: Apple = make_apple(devices=250)
    apple.sandbox.inject("/v1/devices", kind="cut", after=2)  # the check and the first page come
    apple.upload(acme)
    work()
    return apple, SyncRun.objects.get(kind=SyncRun.Kind.SYNC)


def test_a_list_goes_on_where_it_was_cut_off(cut_off: tuple[Apple, SyncRun]) -> None:
    apple, run = cut_off
    assert run.state == "WAITING"
    assert Device.objects.count() == run.counts["devices"]["seen"] == 200
    before = len(apple.sandbox.requests)
    try_again(run)
    asked = [each for each in apple.sandbox.requests[before:] if each.path == "/v1/devices"]
    assert ["cursor" in each.query for each in asked] == [True]
    assert run.state == "SUCCEEDED"
    assert set(Device.objects.values_list("apple_id", flat=True)) == set(apple.ids("devices"))
    assert run.counts["devices"] == DONE | {"created": 250}
    assert not Device.objects.exclude(gone_at=None).exists()


def test_a_place_that_apple_does_not_know_any_more_starts_the_list_again(
    cut_off: tuple[Apple, SyncRun],
) -> None:
    apple, run = cut_off
    page = run.pages.get(collection="devices")
    page.next_url = page.next_url.replace("cursor=", "cursor=x")
    page.save()
    try_again(run)
    assert run.state == "SUCCEEDED"
    assert set(Device.objects.values_list("apple_id", flat=True)) == set(apple.ids("devices"))
    assert run.counts["devices"] == DONE | {"created": 50}


def test_a_list_without_an_end(make_apple: Any, acme: Any) -> None:
    apple: Apple = make_apple(devices=250)
    apple.sandbox.inject("/v1/devices", kind="endless", times=None)
    key = apple.upload(acme)
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert (run.state, run.error_code) == ("WAITING", "unexpected-answer")
    assert len(apple.requests(key, "/v1/devices")) <= 3


def test_a_link_after_the_last_page_is_the_end(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.inject("/v1/devices", kind="endless", times=None)
    run = sync(synced.team)
    assert (run.state, run.counts["devices"]["seen"]) == ("SUCCEEDED", 4)


def test_a_bug_of_ours_ends_the_try_and_not_the_worker(
    synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("appstore.sync.write_page", lambda *_args, **_options: 1 / 0)
        run = sync(synced.team)
    assert (run.state, run.error_code, run.attempts) == ("WAITING", "internal", 1)
    assert "run_broke" in caplog.text
    try_again(run)
    assert run.state == "SUCCEEDED"


def test_waiting_does_not_keep_a_fresh_upload_waiting(apple: Apple, synced: AppStoreConnectKey) -> None:
    """Each run waits for itself: other teams and checks go on."""
    apple.sandbox.inject("/v1/devices", status=429, retry_after=3600)
    waiting = sync(synced.team)
    second = apple.upload(synced.credential.organization)
    work()
    second.credential.refresh_from_db()
    waiting.refresh_from_db()
    assert second.credential.status == Status.WORKS
    assert waiting.state == "WAITING"
    assert waiting.next_run_at - timezone.now() > timedelta(minutes=30)
