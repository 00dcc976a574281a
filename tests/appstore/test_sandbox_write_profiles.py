"""Profiles at the sandbox: made from what fits, refused in Apple's words, deleted."""

from collections.abc import Callable

import pytest

from appstore.sandbox.server import Sandbox
from tests.appstore.test_sandbox_profiles import opened
from tests.appstore.writing import Writer, linked, made, refusal, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]

NO_CERTIFICATES = "There are no current certificates on this team matching the provided certificate IDs."
NO_DEVICES = "There are no current ios devices on this team matching the provided device IDs."


@pytest.fixture
def apple(start_sandbox: Callable[..., Sandbox]) -> Writer:
    return writer(start_sandbox())


@pytest.fixture
def distribution(apple: Writer) -> str:
    return str(made(apple.certificate())["id"])


def test_an_ad_hoc_profile_holds_its_devices(apple: Writer, distribution: str) -> None:
    devices = apple.ids("devices")[:2]
    found = made(apple.profile([distribution], devices, kind="IOS_APP_ADHOC", name="Testers"))

    attributes = found["attributes"]
    assert (attributes["name"], attributes["profileState"]) == ("Testers", "ACTIVE")
    inside = opened(found)
    assert inside["ProvisionedDevices"] == [apple.stored("devices", each)["udid"] for each in devices]
    assert inside["UUID"] == attributes["uuid"]
    listed = apple.send("GET", "/v1/profiles?include=bundleId,certificates,devices").json()["data"]
    relationships = listed[0]["relationships"]
    assert [each["id"] for each in relationships["devices"]["data"]] == devices
    assert [each["id"] for each in relationships["certificates"]["data"]] == [distribution]
    assert relationships["bundleId"]["data"]["id"] == apple.ids("bundleIds")[0]


def test_a_store_profile_takes_no_devices(apple: Writer, distribution: str) -> None:
    devices = apple.ids("devices")
    refused = apple.profile([distribution], devices)
    detail = "No devices can be associated to Provisioning Profiles for the App Store."

    assert refusal(refused) == (409, "ENTITY_ERROR.RELATIONSHIP.NOT_ALLOWED", detail)
    assert "ProvisionedDevices" not in opened(made(apple.profile([distribution], [])))


def test_a_name_is_taken_once(apple: Writer, distribution: str) -> None:
    first = made(apple.profile([distribution], name="Same"))["id"]
    detail = (
        "Multiple profiles found with the name 'Same'.  Please remove the duplicate profiles and try again."
    )

    assert refusal(apple.profile([distribution], name="Same")) == (409, "ENTITY_ERROR", detail)
    assert apple.delete("profiles", first).status_code == 204
    assert made(apple.profile([distribution], name="Same"))["id"] != first
    assert len(apple.ids("profiles")) == 1


def test_ingredients_that_are_not_there(apple: Writer, distribution: str) -> None:
    assert refusal(apple.profile([distribution], bundle_id="com.xxx"))[2] == (
        "There is no App ID with ID 'com.xxx' on this team."
    )
    assert refusal(apple.profile(["NOPE"]))[2] == NO_CERTIFICATES
    assert refusal(apple.profile([distribution], ["NOPE"], kind="IOS_APP_ADHOC"))[2] == NO_DEVICES
    assert refusal(apple.profile([distribution], kind="IOS_APP_ADHOC"))[2] == NO_DEVICES
    assert refusal(apple.profile([]))[1] == "ENTITY_ERROR.RELATIONSHIP.REQUIRED"
    assert apple.ids("profiles") == []


def test_certificates_and_devices_that_do_not_fit(apple: Writer, distribution: str) -> None:
    development = made(apple.certificate("DEVELOPMENT"))["id"]
    phone = apple.ids("devices")[:1]
    mac = apple.sandbox.add_device(apple.team, device_class="MAC")["id"]
    expired = apple.sandbox.add_certificate(apple.team, "IOS_DISTRIBUTION", days=-1)["id"]

    assert refusal(apple.profile([development]))[2] == NO_CERTIFICATES
    assert refusal(apple.profile([expired]))[2] == NO_CERTIFICATES
    assert refusal(apple.profile([distribution], phone, kind="IOS_APP_DEVELOPMENT"))[2] == NO_CERTIFICATES
    assert refusal(apple.profile([development], [mac], kind="IOS_APP_DEVELOPMENT"))[2] == NO_DEVICES
    made(apple.profile([development], phone, kind="IOS_APP_DEVELOPMENT"))


@pytest.mark.parametrize(
    ("program", "good", "bad"),
    [("APP_STORE", "IOS_APP_STORE", "IOS_APP_INHOUSE"), ("ENTERPRISE", "IOS_APP_INHOUSE", "IOS_APP_STORE")],
)
def test_each_program_has_types_of_its_own(
    start_sandbox: Callable[..., Sandbox], program: str, good: str, bad: str
) -> None:
    apple = writer(start_sandbox(), program)
    certificate = made(apple.certificate())["id"]

    made(apple.profile([certificate], kind=good))
    assert refusal(apple.profile([certificate], kind=bad, name="Bad")) == (
        409,
        "ENTITY_ERROR.ATTRIBUTE.INVALID",
        f"An invalid value '{bad}' was provided for the parameter 'profileType'.",
    )


def test_a_request_needs_all_its_parts(apple: Writer, distribution: str) -> None:
    attributes = {"name": "x", "profileType": "IOS_APP_STORE"}
    parts = {"certificates": linked("certificates", [distribution])}

    assert refusal(apple.create("profiles", attributes, parts))[1] == "ENTITY_ERROR.RELATIONSHIP.REQUIRED"
    assert refusal(apple.create("profiles", {"name": "x"}, parts)) == (
        409,
        "ENTITY_ERROR.ATTRIBUTE.REQUIRED",
        "You must provide a value for the attribute 'profileType' with this request",
    )
    wrong = {**parts, "bundleId": {"data": ["x"]}}
    assert refusal(apple.create("profiles", attributes, wrong))[:2] == (422, "ENTITY_UNPROCESSABLE")
