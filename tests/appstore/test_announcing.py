"""What webhooks are told of Apple's side."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from appstore import announcing, schedule
from appstore.models import Certificate, Profile, SyncRun
from appstore.models.run_states import State
from appstore.models.sync_run import MAX_ATTEMPTS
from credentials.models import Credential
from organizations.actors import SYSTEM
from organizations.models import Organization, Webhook, WebhookDelivery
from organizations.webhooks.events import Event
from tests import factories
from tests.conftest import Cast


def listen(organization: Organization) -> None:
    Webhook.add(
        SYSTEM, organization, name="All", url="https://a.example/", events=[str(each) for each in Event]
    )


def told() -> list[dict[str, Any]]:
    rows = WebhookDelivery.objects.exclude(event__in=["credential.added"]).order_by("created_at", "key")
    return [json.loads(row.body) for row in rows]


def run_of(cast: Cast, kind: str, **fields: Any) -> SyncRun:
    team = factories.make_key(cast.sub_a).team
    return SyncRun.objects.create(
        kind=kind, job=uuid.uuid4().hex, team=team, trigger="SCHEDULE", state=State.RUNNING,
        lease_until=timezone.now() + timedelta(minutes=1), **fields,
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "ends", "event"), [
    ("SYNC", True, "sync.succeeded"), ("SYNC", False, "sync.failed"), ("CHANGE", True, "change.done"),
    ("CHANGE", False, "change.failed"), ("CHECK", False, None), ("FETCH", True, None),
])  # fmt: skip
def test_how_runs_end(cast: Cast, kind: str, ends: bool, event: str | None) -> None:
    listen(cast.root)
    run = run_of(cast, kind, order={"title": "Register Ada's phone"} if kind == "CHANGE" else {})
    if ends:
        run.succeed()
    else:
        run.fail("forbidden", "Apple says no.", transient=False)
    found = told()
    assert [each["type"] for each in found] == ([event] if event else [])
    if event == "change.failed":
        facts = found[0]["data"]["facts"]
        assert (facts["title"], facts["code"], facts["message"]) == (
            "Register Ada's phone",
            "forbidden",
            "Apple says no.",
        )
        assert found[0]["data"]["organization"]["slug"] == cast.sub_a.slug


def test_a_run_whose_worker_died_each_time_has_failed(cast: Cast) -> None:
    listen(cast.root)
    run = run_of(cast, "SYNC", attempts=MAX_ATTEMPTS)
    SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    schedule.take_back()
    run.refresh_from_db()
    assert run.state == State.DEAD
    assert [each["data"]["facts"]["code"] for each in told()] == ["abandoned"]


def test_a_key_that_apple_refuses_is_told_of_once(cast: Cast) -> None:
    listen(cast.root)
    key = factories.make_key(cast.root, key_id="REFUSED123")
    for _ in range(2):
        key.record_outcome("refused", "Apple does not know this key.")
    (found,) = told()
    assert (found["type"], found["data"]["facts"]["key_id"]) == ("key.refused", "REFUSED123")
    assert found["data"]["credential"]["name"] == key.credential.name


@pytest.fixture
def things(cast: Cast) -> dict[str, Any]:
    team = factories.make_key(cast.root).team
    assert team is not None
    return {name: rows[0] for name, rows in factories.mirror(team, count=1).items()}


def expire(row: Any, **left: float) -> None:
    column = "expires_at" if isinstance(row, Credential) else "expiration_date"
    type(row).objects.filter(pk=row.pk).update(**{column: timezone.now() + timedelta(**left)})


def test_each_stage_is_told_of_once(cast: Cast, things: dict[str, Any]) -> None:
    listen(cast.root)
    certificate = things["certificates"]
    # From far away to long gone, asked twice each day
    ends = timezone.now() + timedelta(days=0.5)
    stages = []
    for days in (40, 29, 20, 6.5, 3, 0.9, 0.2, -1, -6, -20):
        Certificate.objects.update(expiration_date=ends)
        now = ends - timedelta(days=days)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(announcing.timezone, "now", lambda now=now: now)
            before = WebhookDelivery.objects.count()
            announcing.expiry()
            announcing.expiry()
            stages.append(WebhookDelivery.objects.count() - before)
    assert stages == [0, 1, 0, 1, 0, 1, 0, 1, 0, 0]
    found = told()
    assert sorted((each["type"], each["data"]["facts"].get("days_left")) for each in found) == sorted(
        [
            ("certificate.expiring", 30),
            ("certificate.expiring", 7),
            ("certificate.expiring", 1),
            ("certificate.expired", None),
        ],
        key=lambda each: (each[0], each[1] or 0),
    )
    assert {each["data"]["certificate"]["id"] for each in found} == {str(certificate.pk)}


def test_what_expires(cast: Cast, things: dict[str, Any]) -> None:
    listen(cast.root)
    credential, archived = (factories.make_signing_request(cast.root, name) for name in ("Live", "Old"))
    archived.archive(SYSTEM)
    for row in (credential, archived, things["profiles"]):
        expire(row, days=5)
    expire(things["certificates"], days=5)
    Certificate.objects.update(gone_at=timezone.now())
    WebhookDelivery.objects.all().delete()
    announcing.expiry()
    assert sorted(each["type"] for each in told()) == ["credential.expiring", "profile.expiring"]
    profile = Profile.objects.get()
    expire(profile, days=6)  # renewed: another end
    announcing.expiry()
    assert len(told()) == 3


def test_nobody_is_asked_where_nobody_listens(
    cast: Cast, things: dict[str, Any], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        announcing.expiry()
