"""A key that was archived is used no more: not from the queue, not from a wait, not for the next page."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from appstore.models import AppStoreConnectKey, Certificate, Device, SyncRun
from appstore.models.sync_run import after
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories
from tests.appstore.apple import Apple, Wire, sync, work


def archive_credential(key: AppStoreConnectKey) -> None:
    key.credential.archive(SYSTEM)


def archive_organization(key: AppStoreConnectKey) -> None:
    key.credential.organization.archive(SYSTEM)


def archive_root(key: AppStoreConnectKey) -> None:
    root = factories.make_root("Root")
    factories.change(Organization.objects.filter(pk=key.credential.organization_id), parent=root)
    root.archive(SYSTEM)


WAYS = [archive_credential, archive_organization, archive_root]


@pytest.fixture(params=WAYS)
def withdraw(request: Any, key: AppStoreConnectKey) -> Callable[[], None]:
    return partial(request.param, key)


def outcome(run: SyncRun) -> tuple[str, str]:
    run.refresh_from_db()
    return run.state, run.error_code


def test_before_its_first_check(apple: Apple, key: AppStoreConnectKey, withdraw: Callable[[], None]) -> None:
    withdraw()
    work()
    assert outcome(SyncRun.objects.get()) == ("FAILED", "no-key")
    assert not apple.requests(key)


def test_in_the_middle_of_a_sync(
    apple: Apple, key: AppStoreConnectKey, withdraw: Callable[[], None], wire: Wire
) -> None:
    wire.on("/v1/devices", withdraw, nth=2)  # the first is the check's
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert outcome(run) == ("FAILED", "no-key")
    assert run.cursor["done"] == ["bundleIds", "certificates"]
    assert not Device.objects.exists()
    assert {each.query["limit"] for each in apple.requests(key, "/v1/profiles")} == {"1"}  # of the check
    key.credential.refresh_from_db()
    assert key.credential.status == "WORKS"  # nothing was found out about it


def test_while_a_run_waits(apple: Apple, key: AppStoreConnectKey, withdraw: Callable[[], None]) -> None:
    apple.sandbox.inject("/v1/devices", kind="cut", times=2)  # to the check and to the sync
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert outcome(run)[0] == "WAITING"
    withdraw()
    SyncRun.objects.update(next_run_at=after(-1))
    asked = len(apple.requests(key))
    work()
    assert outcome(run) == ("FAILED", "no-key")
    assert len(apple.requests(key)) == asked


def test_a_fetch_with_it(apple: Apple, key: AppStoreConnectKey, withdraw: Callable[[], None]) -> None:
    work()
    run = SyncRun.request_fetch(SYSTEM, key, f"certificates/{Certificate.objects.all()[0].pk}")
    withdraw()
    work()
    assert outcome(run) == ("FAILED", "no-key")
    assert not [each for each in apple.requests(key) if each.path.startswith("/v1/certificates/")]


def test_what_was_mirrored_stays(key: AppStoreConnectKey, withdraw: Callable[[], None]) -> None:
    work()
    withdraw()
    work()
    assert Device.objects.at_apple().count() == 4


def test_another_key_of_the_team_takes_over(apple: Apple, acme: Organization) -> None:
    first, second = apple.upload(acme), apple.upload(acme)
    work()
    assert first.team is not None
    run = SyncRun.request_sync(SYSTEM, first.team, trigger=SyncRun.Trigger.MANUAL, key=first)
    first.credential.archive(SYSTEM)
    before = len(apple.requests(second))
    work()
    assert outcome(run) == ("SUCCEEDED", "")
    assert len(apple.requests(second)) == before + 4


def test_restored_it_is_used_again(key: AppStoreConnectKey) -> None:
    work()
    key.credential.archive(SYSTEM)
    assert outcome(sync(key.team)) == ("FAILED", "no-key")
    key.credential.restore(SYSTEM)
    assert outcome(sync(key.team)) == ("SUCCEEDED", "")
