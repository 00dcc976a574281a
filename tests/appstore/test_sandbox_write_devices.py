"""Devices at the sandbox: registered once each, renamed, disabled."""

from collections.abc import Callable
from typing import Any

import pytest

from appstore.sandbox.server import Sandbox
from tests.appstore.writing import Writer, made, refusal, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]

UDID = "00008110-001A2B3C4D5E6F70"


@pytest.fixture
def apple(start_sandbox: Callable[..., Sandbox]) -> Writer:
    return writer(start_sandbox())


def register(apple: Writer, udid: str = UDID, name: str = "Ada's phone", platform: str = "IOS") -> Any:
    return apple.create("devices", {"name": name, "udid": udid, "platform": platform})


@pytest.mark.parametrize(
    ("udid", "platform", "device_class"),
    [
        (UDID, "IOS", "IPHONE"),
        ("a" * 40, "IOS", "IPHONE"),
        ("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "MAC_OS", "MAC"),
    ],
)
def test_a_device_is_registered_as_it_was_written(
    apple: Writer, udid: str, platform: str, device_class: str
) -> None:
    attributes = made(register(apple, udid, platform=platform))["attributes"]

    assert (attributes["udid"], attributes["name"]) == (udid, "Ada's phone")
    assert (attributes["deviceClass"], attributes["status"]) == (device_class, "ENABLED")
    assert len(apple.ids("devices")) == 5


@pytest.mark.parametrize("again", [UDID, UDID.lower(), UDID.replace("-", "")[:8].lower() + UDID[8:]])
def test_a_device_is_registered_once_in_whatever_spelling(apple: Writer, again: str) -> None:
    made(register(apple))

    detail = f"A device with number '{again}' already exists on this team."
    assert refusal(register(apple, again)) == (409, "ENTITY_ERROR", detail)


def test_dashes_do_not_make_another_device(apple: Writer) -> None:
    made(register(apple, "ab" * 20))
    apple.sandbox.add_device(apple.team, udid="F81D4FAE7DEC11D0A76500A0C91E6BF6")

    assert refusal(register(apple, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", platform="MAC_OS"))[0] == 409


@pytest.mark.parametrize("udid", ["3D7FADF5-D61B-5F6B-A254-XXXXXXXXX", "00008110001A2B3C4D5E6F70", "x"])
def test_what_is_no_udid(apple: Writer, udid: str) -> None:
    detail = f"An invalid value '{udid}' was provided for the parameter 'udid'."
    assert refusal(register(apple, udid)) == (409, "ENTITY_ERROR.ATTRIBUTE.INVALID", detail)


def test_a_device_is_renamed_disabled_and_never_removed(apple: Writer) -> None:
    device = apple.ids("devices")[0]

    assert made(apple.change("devices", device, name="New"), 200)["attributes"]["name"] == "New"
    made(apple.change("devices", device, status="DISABLED", name=None), 200)
    stored = apple.stored("devices", device)
    assert (stored["name"], stored["status"]) == ("New", "DISABLED")
    assert refusal(apple.change("devices", device, status="GONE"))[0] == 409
    assert refusal(apple.change("devices", device, udid="x"))[1] == "ENTITY_ERROR.ATTRIBUTE.NOT_ALLOWED"
    assert refusal(apple.change("devices", "NOPE", name="New"))[:2] == (404, "NOT_FOUND")
    assert refusal(apple.delete("devices", device))[0] == 403


def test_a_change_names_the_object_of_its_address(apple: Writer) -> None:
    one, other = apple.ids("devices")[:2]
    body = {"data": {"type": "devices", "id": other, "attributes": {"name": "x"}}}

    assert refusal(apple.send("PATCH", f"/v1/devices/{one}", body))[0] == 409
    body["data"]["type"] = "profiles"
    assert refusal(apple.send("PATCH", f"/v1/devices/{other}", body))[0] == 409


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ([], 422, "ENTITY_UNPROCESSABLE"),
        ({}, 422, "ENTITY_UNPROCESSABLE"),
        ({"data": []}, 422, "ENTITY_UNPROCESSABLE"),
        ({"data": {"type": "devices", "attributes": 3}}, 422, "ENTITY_UNPROCESSABLE"),
        ({"data": {"type": "devices"}}, 409, "ENTITY_ERROR.ATTRIBUTE.REQUIRED"),
        ({"data": {"type": "devices", "attributes": {"name": 3}}}, 409, "ENTITY_ERROR.ATTRIBUTE.TYPE"),
        (None, 400, "ENTITY_INVALID"),
    ],
    ids=str,
)
def test_bodies_that_are_no_request(apple: Writer, body: object, status: int, code: str) -> None:
    assert refusal(apple.send("POST", "/v1/devices", body))[:2] == (status, code)


def test_a_write_takes_no_parameters(apple: Writer) -> None:
    device = apple.ids("devices")[0]
    assert refusal(apple.send("PATCH", f"/v1/devices/{device}?include=x"))[1] == "PARAMETER_ERROR.ILLEGAL"
