"""The pages on which devices and bundle IDs are registered and changed at Apple."""

from typing import Any

import pytest
from django.test import Client

from appstore.change_forms import RegisterDevicesForm
from appstore.models import AppStoreConnectKey, BundleId, Device, Profile, SyncRun
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE as NEW
from tests.appstore.changing import address, said, sent, text
from tests.conftest import Cast


@pytest.fixture
def key(cast: Cast, apple: Apple) -> AppStoreConnectKey:
    key = apple.upload(cast.root)
    work()
    return key


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.client("root_owner")


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        (f"{NEW}, Ada's phone", [("Ada's phone", NEW)]),
        (f"Ada's phone\t{NEW}", [("Ada's phone", NEW)]),
        (f"{NEW} Ada's phone", [("Ada's phone", NEW)]),
        (NEW, [("Device 001E", NEW)]),
        (f"Device ID\tDevice Name\tDevice Platform\n{NEW}\tAda\tios\n\n", [("Ada", NEW)]),
        (f"{NEW}, Ada\n{NEW.lower()}, Ada again", [("Ada again", NEW.lower())]),
        ("0" * 40 + ", Old", [("Old", "0" * 40)]),
    ],
    ids=["comma", "tab", "spaces", "udid alone", "apple's file", "twice", "40 digits"],
)
def test_devices_are_pasted_as_people_have_them(pasted: str, found: list[tuple[str, str]], key: Any) -> None:
    form = RegisterDevicesForm(
        {"key": key.pk, "devices": pasted, "platform": "IOS"}, keys=AppStoreConnectKey.objects.all()
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data["devices"] == found


def test_a_line_without_a_udid_is_named(owner: Client, key: AppStoreConnectKey) -> None:
    data = {"key": str(key.pk), "devices": f"{NEW}, Ada\nBob's phone", "platform": "IOS"}
    answer = owner.post(address("register-devices"), data)
    assert answer.status_code == 400
    assert "Line 2 has no UDID" in text(answer)


def test_disabling_a_device_shows_the_profiles_that_name_it(owner: Client, key: AppStoreConnectKey) -> None:
    device = Device.objects.filter(status="ENABLED", profiles__isnull=False)[0]
    page = address("change-device", device.pk)
    assert all(profile.name in text(owner.get(page)) for profile in device.profiles.all())
    run = sent(owner, page, key, name=device.name, status="DISABLED")
    assert said(run) == [f"Disabled the device “{device.name}”."]


def test_nothing_changed_is_nothing_ordered(owner: Client, key: AppStoreConnectKey) -> None:
    device = Device.objects.filter(status="ENABLED")[0]
    data = {"key": str(key.pk), "name": device.name, "status": "ENABLED"}
    assert owner.post(address("change-device", device.pk), data).status_code == 302
    assert not SyncRun.objects.filter(kind="CHANGE").exists()


def test_capabilities_are_warned_of_and_changed(owner: Client, key: AppStoreConnectKey) -> None:
    thing = Profile.objects.filter(bundle_id__isnull=False)[0].bundle_id
    assert thing is not None
    page = address("change-bundle-id", thing.pk)
    assert "makes these profiles invalid" in text(owner.get(page))
    wanted = sorted({*thing.capabilities, "GAME_CENTER"} - {"PUSH_NOTIFICATIONS"})
    run = sent(owner, page, key, name=thing.name, capabilities=wanted)
    assert run.state == "SUCCEEDED", run.error_message
    thing.refresh_from_db()
    assert "GAME_CENTER" in thing.capabilities


@pytest.mark.parametrize("identifier", ["com.example.registered", "com.example.registered.*"])
def test_a_bundle_id_is_registered(owner: Client, key: AppStoreConnectKey, identifier: str) -> None:
    page = address("register-bundle-id")
    run = sent(owner, page, key, identifier=identifier, name="New_app!", platform="IOS")
    assert run.state == "SUCCEEDED", run.error_message
    assert BundleId.objects.get(identifier=identifier).name == "New app"


@pytest.mark.parametrize("identifier", ["com..example", "com.exa mple", "com.*.example", ""])
def test_what_is_no_bundle_id_is_told(owner: Client, key: AppStoreConnectKey, identifier: str) -> None:
    data = {"key": str(key.pk), "identifier": identifier, "name": "New", "platform": "IOS"}
    assert owner.post(address("register-bundle-id"), data).status_code == 400
