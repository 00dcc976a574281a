"""What people and programs send to the pages that order changes, and should not."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appstore.models import AppStoreConnectKey, BundleId, Certificate, Device, Profile, SyncRun
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE, address, sent, text, writes
from tests.conftest import Cast


@pytest.fixture
def key(cast: Cast, apple: Apple) -> AppStoreConnectKey:
    key = apple.upload(cast.root)
    work()
    return key


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.client("root_owner")


def test_devices_and_certificates_of_one_name_are_told_apart(
    owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    Device.objects.update(name="iPhone")
    shown = text(owner.get(f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_ADHOC"))
    for device in Device.objects.filter(status="ENABLED"):
        assert f"iPhone · {device.udid[-6:]}" in shown
    certificate = Certificate.objects.get(certificate_type="IOS_DISTRIBUTION")
    assert f"until {certificate.expiration_date:%Y-%m-%d}" in shown


def test_only_the_places_of_what_is_made_are_shown(owner: Client, key: AppStoreConnectKey) -> None:
    assert "membership year" not in text(owner.get(address("create-certificate")))
    devices = text(owner.get(address("register-devices")))
    assert "membership year" in devices
    assert "2 or 3 of a team" not in devices


# --- garbage


@pytest.mark.parametrize("value", ["", "x", "\x00", "%00", "[]", "9" * 5000], ids=range(6))
@pytest.mark.parametrize("name", ["key", "profile_type"])
def test_garbage_in_the_address_is_told(
    owner: Client, key: AppStoreConnectKey, name: str, value: str
) -> None:
    asked = {"key": str(key.pk), "profile_type": "IOS_APP_ADHOC"} | {name: value}
    assert owner.get(address("create-profile"), asked).status_code == 400
    assert owner.post(address("create-profile"), asked).status_code == 200  # the first step again


@pytest.mark.parametrize("value", ["x", "\x00", "9" * 5000], ids=range(3))
def test_garbage_in_the_forms_is_told(owner: Client, key: AppStoreConnectKey, value: str) -> None:
    page = f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_ADHOC"
    names = ("bundle_id", "certificates", "devices", "name", "capabilities", "status", "key", "identifier")
    data: dict[str, Any] = {name: [value] for name in names} | {"confirm": "1"}
    assert owner.post(page, data).status_code == 400
    for route in ("create-certificate", "register-devices", "register-bundle-id"):
        assert owner.post(address(route), data).status_code == 400, route
    for route, model in (("regenerate-profile", Profile), ("change-bundle-id", BundleId)):
        assert owner.post(address(route, model.objects.all()[0].pk), data).status_code == 400, route


HOSTILE = "<script>alert(1)</script>\u202e\u0007'\"{{ x }}"


def test_hostile_names_of_apple_are_text(owner: Client, key: AppStoreConnectKey) -> None:
    for model in (Certificate, Device, Profile, BundleId):
        model.objects.update(name=HOSTILE)
    Profile.objects.update(profile_type="<b>NEW_TYPE")
    pages = [address(route, model.objects.all()[0].pk) for route, model in (
        ("revoke-certificate", Certificate), ("renew-certificate", Certificate), ("delete-profile", Profile),
        ("delete-bundle-id", BundleId), ("change-bundle-id", BundleId), ("change-device", Device),
    )]  # fmt: skip
    pages += [address("apple-object", "profiles", Profile.objects.all()[0].pk), address("drift")]
    pages += [f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_ADHOC"]
    for page in pages:
        answer = owner.get(page)
        assert answer.status_code == 200, page
        assert "<script>alert" not in text(answer), page
        assert "<b>" not in text(answer), page
    profile = Profile.objects.all()[0]
    assert owner.get(address("regenerate-profile", profile.pk)).status_code == 404


def test_what_is_typed_goes_to_apple_as_one_plain_line(owner: Client, key: AppStoreConnectKey) -> None:
    device, bundle_id = Device.objects.filter(status="ENABLED")[0], BundleId.objects.all()[0]
    run = sent(
        owner, address("change-device", device.pk), key, name="Ada\u202e\u0007  phone", status="ENABLED"
    )
    assert run.order["steps"][0]["name"] == "Ada phone"
    data = {"name": "Ada\u202e  app", "capabilities": bundle_id.capabilities}
    run = sent(owner, address("change-bundle-id", bundle_id.pk), key, **data)
    assert run.order["steps"][0]["name"] == "Ada app"
    pasted = f"{NEW_DEVICE}, \u202eAda\u0007's   phone"
    run = sent(owner, address("register-devices"), key, devices=pasted, platform="IOS")
    assert run.order["steps"][0]["name"] == "Ada's phone"


def test_huge_pastes_are_told(owner: Client, key: AppStoreConnectKey) -> None:
    many = "\n".join(f"{number:040x}, Device {number}" for number in range(201))
    answer = owner.post(address("register-devices"), {"key": str(key.pk), "devices": many, "platform": "IOS"})
    assert answer.status_code == 400
    assert "at most 200" in text(answer)
    for paste in ("x" * 60_000, '"' * 40_000, "\n" * 40_000, '"a\n' * 9_000):
        data = {"key": str(key.pk), "devices": paste, "platform": "IOS"}
        assert owner.post(address("register-devices"), data).status_code == 400


def test_no_order_without_the_token_of_the_form(cast: Cast, key: AppStoreConnectKey) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = cast.client("root_owner").cookies
    page = address("create-certificate")
    data = {"key": str(key.pk), "certificate_type": "DISTRIBUTION"}
    assert strict.get(page).status_code == 200
    assert strict.post(page, data).status_code == 403


# --- sent twice


def test_a_form_that_is_sent_twice_is_one_order(owner: Client, key: AppStoreConnectKey) -> None:
    data = {"key": str(key.pk), "certificate_type": "DISTRIBUTION"}
    first, again = (owner.post(address("create-certificate"), data) for _ in range(2))
    assert first["Location"] == again["Location"]
    assert SyncRun.objects.filter(kind="CHANGE").count() == 1


# --- renewals


def test_a_renewal_says_which_profiles_it_leaves_behind(
    owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    old = Certificate.objects.get(certificate_type="IOS_DISTRIBUTION")
    first, second = old.profiles.order_by("pk")
    Profile.objects.filter(pk=first.pk).update(profile_type="VISIONOS_NEW")
    second.devices.update(status="DISABLED")
    page = address("renew-certificate", old.pk)
    answer = owner.get(page)
    assert (answer.context["profiles"], answer.context["left_behind"]) == (
        [],
        sorted([first, second], key=str),
    )
    assert "cannot be made anew here" in text(answer)
    run = sent(owner, page, key)
    assert [step["do"] for step in run.order["steps"]] == ["create-certificate"]
    assert {first.apple_id, second.apple_id} <= set(apple.ids("profiles"))


def test_what_apple_makes_on_its_website_only_is_not_ordered(owner: Client, key: AppStoreConnectKey) -> None:
    Certificate.objects.update(certificate_type="DEVELOPER_ID_APPLICATION")
    page = address("renew-certificate", Certificate.objects.all()[0].pk)
    assert "on its website only" in text(owner.get(page))
    owner.post(page, {"key": str(key.pk)})
    assert not SyncRun.objects.filter(kind="CHANGE").exists()


# --- many


def test_the_pages_take_as_many_queries_for_many(owner: Client, key: AppStoreConnectKey) -> None:
    certificate = Certificate.objects.get(certificate_type="IOS_DISTRIBUTION")
    profile = Profile.objects.all()[0]
    device, bundle_id = profile.devices.all()[0], BundleId.objects.get(pk=profile.bundle_id_id)
    pages = [
        address("create-certificate"), address("register-devices"), address("register-bundle-id"),
        address("create-profile"),
        f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_ADHOC",
        address("renew-certificate", certificate.pk), address("revoke-certificate", certificate.pk),
        address("regenerate-profile", profile.pk), address("delete-profile", profile.pk),
        address("change-device", device.pk), address("change-bundle-id", bundle_id.pk),
        address("delete-bundle-id", bundle_id.pk),
    ]  # fmt: skip
    few = {page: _queries(owner, page) for page in pages}
    for number in range(60):
        one = {"team": key.team, "apple_id": f"MANY{number}", "name": f"Many {number}"}
        new = Device.objects.create(**one, udid=f"{number:040x}", status="ENABLED", device_class="IPHONE")
        other = Profile.objects.create(
            **one, profile_type="IOS_APP_ADHOC", bundle_id=bundle_id, expiration_date=profile.expiration_date
        )
        other.certificates.add(certificate)
        other.devices.add(device, new)
        profile.devices.add(new)
    many = {page: _queries(owner, page) for page in pages}
    assert {page: (few[page], many[page]) for page in pages if many[page] > few[page]} == {}


def _queries(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


# --- afterwards


def test_the_report_leads_to_what_was_made(owner: Client, key: AppStoreConnectKey) -> None:
    page, name = address("register-bundle-id"), "com.example.reported"
    run = sent(owner, page, key, identifier=name, name="New", platform="IOS")
    assert address("apple-object", "bundle-ids", BundleId.objects.get(identifier=name).pk) in text(
        owner.get(address("sync", run.pk))
    )


def test_an_order_of_somebody_who_has_left_is_not_carried_out(
    owner: Client, cast: Cast, apple: Apple, key: AppStoreConnectKey
) -> None:
    owner.post(address("create-certificate"), {"key": str(key.pk), "certificate_type": "DISTRIBUTION"})
    cast.root_owner.memberships.all().delete()
    work()
    run = SyncRun.objects.get(kind="CHANGE")
    assert (run.state, run.error_code) == ("FAILED", "not-allowed")
    assert writes(apple, key) == []


def test_no_page_that_orders_a_change_loads_a_ciphertext(cast: Cast, apple: Apple) -> None:
    apple.upload(cast.root)
    work()
    with CaptureQueriesContext(connection) as asked:
        cast.client("root_owner").get(address("create-certificate"))
    assert not [each["sql"] for each in asked if '"secret"' in each["sql"]]
