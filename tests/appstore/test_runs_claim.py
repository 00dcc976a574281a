"""A run is claimed by one worker, when it is due."""

import uuid

import pytest
from pytest_django import Settings

from appstore import runs
from appstore.models import AppStoreConnectKey, DeveloperTeam, SyncRun
from appstore.models.sync_run import after
from organizations.actors import SYSTEM
from tests import factories
from tests.appstore.apple import Apple
from tests.appstore.side_by_side import side_by_side


@pytest.fixture
def run(key: AppStoreConnectKey) -> SyncRun:
    return SyncRun.objects.get()


def test_the_first_claim_takes_it_and_the_second_gets_nothing(run: SyncRun) -> None:
    taken = SyncRun.claim(run.pk)
    assert taken is not None
    assert (taken.state, taken.fence, taken.attempts) == ("RUNNING", 1, 1)
    assert taken.lease_owner
    assert SyncRun.claim(run.pk) is None


def test_the_lease_is_as_long_as_the_settings_say(run: SyncRun, settings: Settings) -> None:
    settings.SYNC_LEASE_SECONDS = 500
    taken = SyncRun.claim(run.pk)
    assert taken is not None
    assert SyncRun.objects.filter(lease_until__gt=after(490), lease_until__lt=after(501)).exists()


@pytest.mark.parametrize(
    ("changes", "is_due"),
    [
        ({}, True),
        ({"next_run_at": after(60)}, False),
        ({"state": "WAITING", "next_run_at": after(-1)}, True),
        ({"state": "WAITING", "next_run_at": after(60)}, False),
        ({"state": "RUNNING", "lease_until": after(60)}, False),
        ({"state": "RUNNING", "lease_until": after(-1)}, True),
        ({"state": "SUCCEEDED"}, False),
        ({"state": "FAILED"}, False),
        ({"state": "DEAD"}, False),
        ({"state": "CANCELLED"}, False),
    ],
)
def test_only_a_due_run_can_be_claimed(run: SyncRun, changes: dict[str, object], is_due: bool) -> None:
    SyncRun.objects.filter(pk=run.pk).update(**changes)
    assert (SyncRun.claim(run.pk) is not None) == is_due


def test_a_run_that_is_claimed_again_keeps_its_place_and_its_start(run: SyncRun) -> None:
    first = SyncRun.claim(run.pk)
    assert first is not None
    SyncRun.objects.filter(pk=run.pk).update(lease_until=after(-1), cursor={"done": ["devices"]})
    second = SyncRun.claim(run.pk)
    assert second is not None
    assert (second.fence, second.attempts, second.cursor) == (2, 2, {"done": ["devices"]})
    assert second.started_at == first.started_at


def test_a_message_about_a_run_that_is_not_there_does_nothing(db: None, apple: Apple) -> None:
    before = len(apple.sandbox.requests)
    runs.perform(uuid.uuid4())
    assert len(apple.sandbox.requests) == before
    assert not SyncRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_claim_each_run_once() -> None:
    root = factories.make_root("Acme")
    for _ in range(10):
        factories.make_key(root)
    ids = list(SyncRun.objects.values_list("pk", flat=True))

    def claim_all() -> list[tuple[uuid.UUID, int]]:
        return [(taken.pk, taken.fence) for pk in ids if (taken := SyncRun.claim(pk))]

    claimed = [each for worker in side_by_side(6, claim_all) for each in worker]
    assert sorted(claimed) == sorted((pk, 1) for pk in ids)
    assert list(SyncRun.objects.values_list("fence", "attempts", "state")) == [(1, 1, "RUNNING")] * 10


@pytest.mark.django_db(transaction=True)
def test_many_requests_at_once_make_one_run() -> None:
    key = factories.make_key(factories.make_root("Acme"))

    def request() -> uuid.UUID:
        team = DeveloperTeam.objects.get(pk=key.team_id)
        return SyncRun.request_sync(SYSTEM, team, trigger=SyncRun.Trigger.SCHEDULE).pk

    made = side_by_side(6, request)
    assert len(set(made)) == 1
    assert SyncRun.objects.filter(kind=SyncRun.Kind.SYNC).count() == 1
