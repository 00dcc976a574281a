"""Syncs and changes at Apple that a CI job asks for."""

import pytest
from django.test import Client

from appstore.models import AppStoreConnectKey, Device, Profile, SyncRun
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import ApiToken, AuditEvent
from tests import factories
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE, writes
from tests.conftest import Cast
from tests.credentials import apple_files
from tests.machines import machine, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(apple: Apple, cast: Cast) -> AppStoreConnectKey:
    return apple.upload(cast.root)


@pytest.fixture
def client(cast: Cast) -> Client:
    return machine(cast, cast.root)


@pytest.fixture
def synced(apple: Apple, key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    key.refresh_from_db()
    return key


def test_devices_are_registered_and_the_run_tells(
    apple: Apple, synced: AppStoreConnectKey, client: Client
) -> None:
    asked = {"devices": [{"name": "iPad, Lena's", "udid": NEW_DEVICE}, {"name": "Bad", "udid": "0" * 40}]}
    answer = send(client, "POST", "/devices", asked, idempotency_key="one")
    assert answer.status_code == 202, answer.content
    assert (answer.json()["state"], [each["state"] for each in answer.json()["report"]]) == (
        "QUEUED",
        ["now", "todo"],
    )
    assert send(client, "POST", "/devices", asked, idempotency_key="one").json() == answer.json()
    work()
    told = send(client, "GET", f"/syncs/{answer.json()['id']}").json()
    assert told["report"][0] == {"state": "done", "said": told["report"][0]["said"]}
    made = Device.objects.get(udid=NEW_DEVICE)
    assert made.name == "iPad, Lena's"
    event = AuditEvent.objects.get(action=Action.DEVICE_REGISTERED, subject_id=str(made.pk))
    assert event.actor_label.startswith("API token “CI”")
    listed = send(client, "GET", f"/devices?udid={NEW_DEVICE.lower().replace('-', '')}").json()["items"]
    assert [each["id"] for each in listed] == [str(made.pk)]
    unchanged = send(client, "PATCH", f"/devices/{made.pk}", {"name": "iPad, Lena's"})
    assert (unchanged.status_code, unchanged.json()["code"]) == (409, "nothing-to-change")


def test_a_token_that_is_revoked_has_ordered_nothing(
    cast: Cast, apple: Apple, synced: AppStoreConnectKey, client: Client
) -> None:
    profile = Profile.objects.order_by("apple_id")[0]
    asked = send(client, "POST", f"/profiles/{profile.pk}/regenerate", {"all_devices": True})
    assert asked.status_code == 202, asked.content
    ApiToken.objects.get().revoke(SYSTEM)
    work()
    run = SyncRun.objects.get(pk=asked.json()["id"])
    assert (run.state, run.error_code) == ("FAILED", "not-allowed")
    assert writes(apple, synced) == []


def test_a_profile_is_made_anew_of_what_it_has(
    apple: Apple, synced: AppStoreConnectKey, client: Client
) -> None:
    old = next(
        each
        for each in Profile.objects.order_by("apple_id")
        if "DEVELOPMENT" in each.profile_type or "ADHOC" in each.profile_type
    )
    had = send(client, "GET", f"/profiles/{old.pk}").json()
    run = send(client, "POST", f"/profiles/{old.pk}/regenerate", {}).json()
    work()
    assert send(client, "GET", f"/syncs/{run['id']}").json()["state"] == "SUCCEEDED"
    (new,) = send(client, "GET", f"/profiles?q={old.name}").json()["items"]
    assert new["id"] != had["id"]
    has = send(client, "GET", f"/profiles/{new['id']}").json()
    assert has["devices"] == had["devices"]
    # What may not be in such a profile any more is left out.
    assert has["certificates"] == [each for each in had["certificates"] if each in has["certificates"]] != []
    file = client.get(f"/api/v1/profiles/{new['id']}/file")
    assert file.content == bytes(Profile.objects.get(pk=new["id"]).profile_content or b"")
    assert file["Content-Disposition"].endswith('.mobileprovision"')


def test_a_certificate_is_made_and_revoked(
    apple: Apple, synced: AppStoreConnectKey, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("credentials.making.signing_request.new_key", lambda: apple_files.key(9))
    run = send(client, "POST", "/certificates", {"certificate_type": "DISTRIBUTION"}).json()
    work()
    assert send(client, "GET", f"/syncs/{run['id']}").json()["state"] == "SUCCEEDED"
    (made,) = send(client, "GET", "/certificates?certificate_type=DISTRIBUTION").json()["items"]
    (identity,) = send(client, "GET", "/credentials?kind=apple-certificate").json()["items"]
    assert identity["identifier"] == made["sha256"]
    asked = send(client, "DELETE", f"/certificates/{made['id']}")
    assert asked.status_code == 202, asked.content
    work()
    assert send(client, "GET", f"/certificates/{made['id']}").json()["gone_at"]
    assert send(client, "DELETE", f"/certificates/{made['id']}").status_code == 404


def test_a_sync_is_asked_for(cast: Cast, client: Client) -> None:
    nothing = send(client, "POST", "/syncs", {})
    assert nothing.json()["errors"][0]["field"] == "app_store_connect_key"
    key = factories.make_key(cast.root)
    first, again = (send(client, "POST", "/syncs", {}) for _ in range(2))
    assert (first.status_code, first.json()["kind"]) == (202, "SYNC")
    assert first.json()["id"] == again.json()["id"]  # one that waits already is joined
    factories.make_key(cast.root, issuer_id="another-team")
    assert send(client, "POST", "/syncs", {}).status_code == 422
    named = send(client, "POST", "/syncs", {"app_store_connect_key": str(key.credential_id)})
    assert named.json()["id"] == first.json()["id"]


def test_without_a_key_that_can_write_nothing_is_ordered(cast: Cast, client: Client) -> None:
    answer = send(client, "POST", "/certificates", {"certificate_type": "DISTRIBUTION"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no-key")
    factories.make_key(cast.root)
    answer = send(client, "POST", "/certificates", {"certificate_type": "NO_SUCH_TYPE"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "certificate_type")
    assert not SyncRun.objects.filter(kind="CHANGE").exists()
