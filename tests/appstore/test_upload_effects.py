"""What an upload leaves behind: one credential, its event, and a check that is rung once all of it is committed."""

from typing import Any

import pytest
from django.db import connection, transaction

from appstore.models import AppStoreConnectKey, SyncRun
from credentials.models import Credential
from credentials.models.data_key import DataKey
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.uploading import ISSUER, KEY_ID, counts, stored, upload
from tests.conftest import Cast

Rung = list[object]


def test_an_event_says_who_added_what(cast: Cast) -> None:
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8(), name="Our key"))

    event = AuditEvent.objects.get(action="credential:created")
    assert (event.actor_user, event.actor_label) == (cast.root_owner, "root.owner@example.com")
    assert (event.organization, event.subject_id) == (cast.root, str(key.credential.pk))
    assert event.subject_label == "Our key"
    assert event.facts == {
        "kind": "app-store-connect-api-key", "key_id": KEY_ID, "issuer_id": ISSUER, "key_type": "TEAM"
    }  # fmt: skip
    assert event.address == "127.0.0.1"
    assert event.request_id


def test_an_upload_opens_nothing(cast: Cast) -> None:
    stored(upload(cast.client("root_owner"), cast.root, factories.make_p8()))
    assert not AuditEvent.objects.filter(action="credential:revealed").exists()


def test_the_credential_says_who_added_it_and_has_one_data_key(cast: Cast) -> None:
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8()))
    assert key.credential.created_by == cast.root_owner
    assert [data_key.organization for data_key in DataKey.objects.all()] == [cast.root]


def test_a_check_is_asked_for(cast: Cast) -> None:
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8()))

    run = SyncRun.objects.get()
    assert (run.kind, run.key, run.team) == (SyncRun.Kind.CHECK, key, key.team)
    assert (run.trigger, run.requested_by) == (SyncRun.Trigger.UPLOAD, cast.root_owner)
    assert run.state == SyncRun.State.QUEUED


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_once_after_the_commit(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[object, bool, bool]] = []

    def ring(run_id: object) -> None:
        rung.append((run_id, connection.in_atomic_block, SyncRun.objects.filter(pk=run_id).exists()))

    monkeypatch.setattr("appstore.doorbell.ring", ring)
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8()))

    assert rung == [(SyncRun.objects.get(key=key).pk, False, True)]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_rings_nothing_and_leaves_nothing(cast: Cast, doorbell: Rung) -> None:
    before = counts()

    with transaction.atomic():
        factories.make_key(cast.root)
        assert doorbell == []
        transaction.set_rollback(True)

    assert doorbell == []
    assert counts() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", ["the event", "the check", "the key's row"])
def test_an_upload_that_fails_half_way_leaves_nothing(
    cast: Cast, doorbell: Rung, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fails(*_args: Any, **_kwargs: Any) -> None:
        raise ZeroDivisionError

    client = cast.client("root_owner")
    client.raise_request_exception = False
    owner = {"the event": AuditEvent, "the check": SyncRun, "the key's row": AppStoreConnectKey}[broken]
    before = counts()
    with monkeypatch.context() as patch:
        patch.setattr(owner, "save", fails)
        assert upload(client, cast.root, factories.make_p8()).status_code == 500

    after = counts()
    after["credentials.DataKey"] = 0  # made on first use, and kept
    assert after == before
    assert doorbell == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_lose_the_upload(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_run_id: object) -> None:
        raise OSError("the broker is down")

    monkeypatch.setattr("appstore.doorbell.ring", down)
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8()))

    assert SyncRun.objects.get(key=key).state == SyncRun.State.QUEUED
    assert Credential.objects.get() == key.credential


@pytest.mark.django_db(transaction=True)
def test_replacing_rings_for_a_check_too(cast: Cast, doorbell: Rung) -> None:
    factories.make_key(cast.root, key_id=KEY_ID, issuer_id=ISSUER)
    SyncRun.objects.update(state=SyncRun.State.SUCCEEDED)
    doorbell.clear()
    upload(cast.client("root_owner"), cast.root, factories.make_p8(), replace_existing="on")

    assert doorbell == [SyncRun.objects.active().get().pk]
