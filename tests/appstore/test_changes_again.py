"""A change that failed is tried again from its page: what was not done, by who may, once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from appstore.changes.again import left_to_do, order_again
from appstore.changes.doing import MADE
from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import InvalidRequest
from appstore.models import AppStoreConnectKey, Certificate, Profile, SyncRun
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.models import Credential
from organizations.actors import SYSTEM
from tests import factories
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE, address, carried_out, said, sent, text
from tests.conftest import Cast

DEVELOPMENT = {"do": "create-certificate", "certificate_type": "DEVELOPMENT"}


@pytest.fixture
def key(synced_key: AppStoreConnectKey) -> AppStoreConnectKey:
    return synced_key


@contextmanager
def refusing(monkeypatch: pytest.MonkeyPatch, method: str, what: str = "") -> Iterator[None]:
    """Apple does not take this, or only this one, for as long as the block lasts."""
    own = getattr(AppStoreConnectClient, method)

    def refuse(self: Any, *arguments: Any, **options: Any) -> Any:
        if what and what not in arguments:
            return own(self, *arguments, **options)
        raise InvalidRequest("Not now.")

    with monkeypatch.context() as patch:
        patch.setattr(AppStoreConnectClient, method, refuse)
        yield


def failed(key: AppStoreConnectKey, steps: list[dict[str, Any]], **cursor: Any) -> SyncRun:
    return SyncRun.objects.create(
        kind="CHANGE", job="change:x", team=key.team, key=key, organization=key.credential.organization,
        state="FAILED", trigger="MANUAL", cursor=cursor,
        order={"title": "A change", "steps": steps, "go_on": False, "ticket": ""},
    )  # fmt: skip


def test_what_is_left_begins_where_it_stopped_and_names_what_was_made(cast: Cast) -> None:
    key = factories.make_key(cast.root)
    follow = {"do": "replace-profile", "name": "Store", "certificates": [MADE, "OTHER"]}
    end = {"do": "revoke-certificate", "certificate": "OLD", "name": "Old"}
    report = [{"said": "Made", "ok": True}, {"said": "No", "ok": False}]
    run = failed(key, [DEVELOPMENT, end, follow], report=report, made="NEW")
    assert left_to_do(run) == [follow | {"certificates": ["NEW", "OTHER"]}, end]


def test_a_renewal_that_stopped_half_way_goes_on_with_the_certificate_that_it_made(
    owner: Client, apple: Apple, key: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Certificate.objects.get(certificate_type="IOS_DISTRIBUTION")
    profile = Profile.objects.filter(certificates=old)[0]
    with refusing(monkeypatch, "delete_profile"):
        run = sent(owner, address("renew-certificate", old.pk), key, revoke="on")
    assert run.state == "FAILED"
    assert len(said(run)) == 1
    made = apple.ids("certificates")
    shown = text(owner.get(address("sync", run.pk)))
    assert f"<li>Make the profile anew: {profile}" in shown
    assert f"<li>Revoke the certificate {old}" in shown
    answer = owner.post(address("retry-sync", run.pk))
    again = SyncRun.objects.get(kind="CHANGE", state="QUEUED")
    assert answer["Location"] == address("sync", again.pk)
    work()
    again.refresh_from_db()
    assert again.state == "SUCCEEDED", again.error_message
    assert str(again) == f"Once more: Renewal of {old}"
    assert set(apple.ids("certificates")) == set(made) - {old.apple_id}
    # it is not tried a third time from the same page
    assert f'<a href="{address("sync", again.pk)}">' in text(owner.get(address("sync", run.pk)))
    assert owner.post(address("retry-sync", run.pk))["Location"] == address("sync", again.pk)
    assert SyncRun.objects.filter(kind="CHANGE").count() == 2


def test_a_refused_certificate_gets_a_new_private_key_and_a_lost_one_is_found(
    cast: Cast, apple: Apple, key: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing(monkeypatch, "create_certificate"):
        refused = carried_out(key, DEVELOPMENT)
    assert refused.state == "FAILED"
    (old,) = Credential.objects.filter(kind=SIGNING_REQUEST)
    assert old.is_archived
    order_again(SYSTEM, refused)
    work()
    assert refused.mirrored_team.organization.credentials.live().filter(kind=SIGNING_REQUEST).count() == 1
    # one whose answer never came: the request is known, and so is the certificate that Apple made for it
    done = SyncRun.objects.filter(kind="CHANGE", state="SUCCEEDED").get()
    request = Credential.objects.live().get(kind=SIGNING_REQUEST)
    lost = failed(key, [DEVELOPMENT | {"note": "lost"}], memory={"request": str(request.pk), "sent": True})
    made = apple.ids("certificates")
    again = order_again(SYSTEM, lost)
    work()
    again.refresh_from_db()
    assert again.state == done.state, again.error_message
    assert apple.ids("certificates") == made


def test_refused_devices_are_asked_for_again_and_the_others_not(
    owner: Client, apple: Apple, key: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = address("register-devices")
    with refusing(monkeypatch, "register_device", "Ada"):
        run = sent(owner, page, key, devices=f"{NEW_DEVICE}, Ada\n{'f' * 40}, Bob", platform="IOS")
    assert run.error_code == "refused"
    assert [step["name"] for step in left_to_do(run)] == ["Ada"]
    again = order_again(SYSTEM, run)
    work()
    again.refresh_from_db()
    assert said(again) == ["Registered the device “Ada”."]


def test_only_who_may_change_things_tries_again(cast: Cast) -> None:
    key = factories.make_key(cast.root)
    key.credential.shared_with_all = True
    key.credential.save()
    run = failed(key, [DEVELOPMENT])
    # 403 where they see it: the viewer of the root, and a sub-organization's admin, whose it is not
    places = {
        "root_owner": ("acme", 302),
        "root_viewer": ("acme", 403),
        "sub_a_admin": (cast.sub_a.slug, 403),
    }
    for name in ("root_viewer", "sub_a_admin", "root_owner"):
        slug, status = places[name]
        page = address("sync", run.pk).replace("/acme/", f"/{slug}/")
        client = cast.client(name)
        assert ("Make a certificate</li>" in text(client.get(page)).partition("Try again</h2>")[2]) is (
            status == 302
        )
        assert client.post(f"{page}retry/").status_code == status
