"""The pages of device invitations: an admin's, and those of somebody who has nothing but the link."""

import plistlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from appstore import device_challenge
from appstore.models import AppStoreConnectKey, Device, DeviceInvitation, DeviceRequest, SyncRun
from appstore.views.public_page import LIMITS
from tests import factories
from tests.appstore.changing import NEW_DEVICE, address, text
from tests.conftest import Cast
from tests.credentials.device_answers import device_answer, signed, told

TYPED = {"typed-name": "Ada's Watch", "typed-udid": NEW_DEVICE, "typed-platform": "IOS"}


@pytest.fixture
def key(cast: Cast) -> AppStoreConnectKey:
    return factories.make_key(cast.root)


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.client("root_owner")


@pytest.fixture
def link(cast: Cast, key: AppStoreConnectKey) -> str:
    """For two devices."""
    assert key.team is not None
    actor = cast.actor("root_owner")
    _, token = DeviceInvitation.make(actor, key.team, name="Testers of spring", uses=2)
    return reverse("device-invitation", args=[token])


@pytest.fixture(autouse=True)
def no_counters() -> Iterator[None]:
    yield
    cache.clear()


def challenge(client: Client, link: str, name: str = "Ada's iPhone") -> str:
    profile = client.get(f"{link}enroll.mobileconfig", {"phone-name": name})
    return str(plistlib.loads(profile.content)["PayloadContent"]["Challenge"])


def send(client: Client, link: str, body: bytes) -> str:
    """What the page says to which the device is led."""
    answer = client.post(f"{link}enrolled", body, content_type="application/pkcs7-signature")
    assert answer.status_code == 301
    page = client.get(answer["Location"])
    assert page.status_code == 200
    return text(page)


def test_an_admin_makes_a_link_that_is_shown_once(owner: Client, key: AppStoreConnectKey) -> None:
    page = address("device-invitations")
    data = {"key": str(key.pk), "name": "Testers", "uses": "5", "days": "30", "when": "at-once"}
    made = text(owner.post(page, data))
    (shown,) = re.findall(r"http://testserver(/devices/[\w-]{43}/)", made)
    assert 'src="data:image/svg+xml;base64,' in made
    assert "Testers" in text(Client().get(shown))
    again = text(owner.get(page))
    assert shown not in again
    assert "0 of 5" in again
    assert "Is registered at once" in again
    data = {**data, "uses": "101", "days": "31", "name": ""}
    assert owner.post(page, data).status_code == 400
    invitation = DeviceInvitation.objects.get()
    assert (invitation.at_once, invitation.key) == (True, key)
    owner.post(address("revoke-device-invitation", invitation.pk))
    assert Client().get(shown).status_code == 404


def test_the_link_tells_who_invites_and_no_more(link: str, cast: Cast, key: AppStoreConnectKey) -> None:
    assert key.team is not None
    phone = factories.mirror(key.team)["devices"][0]
    page = Client(enforce_csrf_checks=True).get(link)
    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    body = text(page)
    assert "Testers of spring" in body
    assert cast.root.name in body
    for secret in (cast.root_owner.email, key.key_id, key.issuer_id, "/o/acme", phone.name, phone.udid):
        assert secret not in body


def test_an_iphone_answers_for_itself(link: str, owner: Client, key: AppStoreConnectKey) -> None:
    phone = Client(enforce_csrf_checks=True)
    profile = phone.get(f"{link}enroll.mobileconfig", {"phone-name": "Ada's\u202e  iPhone"})
    assert profile["Content-Type"] == "application/x-apple-aspen-config"
    payload = plistlib.loads(profile.content)
    asked = payload["PayloadContent"]
    assert payload["PayloadType"] == "Profile Service"
    assert payload["PayloadOrganization"] == "Acme"
    assert asked["URL"] == f"http://testserver{link}enrolled"
    assert asked["DeviceAttributes"] == ["UDID", "PRODUCT"]
    answer = device_answer(challenge=asked["Challenge"], udid=NEW_DEVICE)
    assert "somebody of the team has to approve it" in send(phone, link, answer)
    request = DeviceRequest.objects.get()
    assert (request.name, request.udid, request.product, request.from_device) == (
        "Ada's iPhone", NEW_DEVICE, "iPhone15,2", True
    )  # fmt: skip
    assert "1 device waits for approval" in text(owner.get(address("apple-objects", "devices")))
    waiting = text(owner.get(address("device-invitations")))
    assert "Answered by the device" in waiting
    decided = owner.post(address("decide-device-request", request.pk), {"decision": "approve"})
    run = SyncRun.objects.get(kind="CHANGE")
    assert decided["Location"] == address("sync", run.pk)
    owner.post(address("decide-device-request", request.pk), {"decision": "decline"})
    request.refresh_from_db()
    assert (request.state, request.run) == ("ORDERED", run)
    assert "devices wait" not in text(owner.get(address("apple-objects", "devices")))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: b"nonsense", "cannot be read"),
        (lambda _: signed(told(CHALLENGE="made up")), "took too long"),
        (lambda word: device_answer(challenge=word[:-1]), "took too long"),
        (lambda word: device_answer(challenge=word, product="MacBookAir10,1"), "Type the UDID of a Mac"),
        (lambda word: device_answer(challenge=word, udid="00008030"), "cannot be read"),
    ],
    ids=["nonsense", "a challenge that was made up", "one that was changed", "a Mac", "no UDID"],
)
def test_other_answers_are_told_of_and_count_for_nothing(change: Any, said: str, link: str) -> None:
    client = Client()
    assert said in send(client, link, change(challenge(client, link)))
    assert not DeviceRequest.objects.exists()


def test_a_challenge_is_one_links_for_an_hour(
    link: str, key: AppStoreConnectKey, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, actor = Client(), cast.actor("root_owner")
    assert key.team is not None
    _, token = DeviceInvitation.make(actor, key.team, name="Others")
    answer = device_answer(challenge=challenge(client, link))
    assert "took too long" in send(client, reverse("device-invitation", args=[token]), answer)
    monkeypatch.setattr(device_challenge, "SECONDS", -1)
    assert "took too long" in send(client, link, answer)
    assert not DeviceRequest.objects.exists()


def test_a_udid_is_typed(link: str, key: AppStoreConnectKey) -> None:
    client = Client()
    assert client.post(link, {**TYPED, "typed-udid": "my phone"}).status_code == 400
    assert client.get(f"{link}enroll.mobileconfig").status_code == 400
    mac = {**TYPED, "typed-platform": "MAC_OS"}
    assert "has to approve it" in text(client.post(link, mac, follow=True))
    assert DeviceRequest.objects.get().platform == "MAC_OS"
    Device.objects.create(team=key.team, apple_id="D1", udid="f" * 40, udid_key="f" * 40)
    body = text(client.post(link, {**TYPED, "typed-udid": "F" * 40}, follow=True))
    assert "It is registered already" in body
    client.post(link, {**TYPED, "typed-udid": "0" * 40})
    assert "This link has ended" in text(client.get(link))
    assert "This link has ended" in send(client, link, b"")


def test_links_are_tried_a_few_times_a_minute(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    monkeypatch.setitem(LIMITS, "device-answer", "1/m/key")
    word = challenge(client, link)
    send(client, link, b"nonsense")
    assert "Many answer at this moment" in send(client, link, device_answer(challenge=word))
    monkeypatch.setitem(LIMITS, "device-invitation", "2/m/ip")
    answers = [client.get(reverse("device-invitation", args=["x" * 43])).status_code for _ in range(3)]
    assert answers == [404, 404, 429]


def test_what_apple_is_processing_is_said(owner: Client, key: AppStoreConnectKey) -> None:
    device = Device.objects.create(
        team=key.team, apple_id="D1", name="New", udid="f" * 40, udid_key="f" * 40, status="PROCESSING"
    )
    page = f"{address('apple-objects', 'devices')}?state=processing"
    for body in (text(owner.get(page)), text(owner.get(address("apple-object", "devices", device.pk)))):
        assert "Apple is still processing" in body
        assert "72 hours" in body
