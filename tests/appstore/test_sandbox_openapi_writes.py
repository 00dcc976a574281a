"""The sandbox's writes against Apple's own documents, and its refusals against Apple's own words."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from openapi_schema_validator import OAS30Validator

from appstore.sandbox.server import Sandbox
from tests.appstore.test_sandbox_openapi import FILES, documented, errors, openapi, operation
from tests.appstore.test_sandbox_support import SHARED
from tests.appstore.writing import Writer, der, linked, made, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="Apple's documents are not beside this checkout")


@dataclass
class Checked(Writer):
    """Sends writes that fit Apple's document, and holds every answer against it."""

    api: str = "admin"

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        steps = path.split("/")
        template = "/".join([*steps[:3], *(["{id}"] if len(steps) > 3 else [])])
        offered = operation(self.api, template, method.lower())
        response = super().send(method, path, body)
        if "requestBody" in offered and response.ok:
            schema = offered["requestBody"]["content"]["application/json"]["schema"]
            OAS30Validator({**schema, "components": openapi(self.api)["components"]}).validate(body)
        if response.status_code == 204:
            assert "204" in offered["responses"]
            assert response.content == b""
            return response
        document = response.json() if not response.ok else documented(response.json())
        # Apple's own document knows no 409 for a DELETE, and has one shape for every error.
        status = response.status_code if str(response.status_code) in offered["responses"] else 403
        found = errors(self.api, template, document, method.lower(), status)
        assert [f"{error.json_path}: {error.message[:120]}" for error in found] == []
        return response


@pytest.mark.parametrize("api", FILES)
def test_writes_and_their_refusals_validate(start_sandbox: Callable[..., Sandbox], api: str) -> None:
    program = "APP_STORE" if api == "admin" else "ENTERPRISE"
    admin = writer(start_sandbox(), program)
    apple = Checked(admin.sandbox, admin.team, admin.key, api)
    udid = "00008110-001A2B3C4D5E6F70"

    def store(name: str = "Store", devices: list[str] | None = None) -> requests.Response:
        kind = "IOS_APP_STORE" if api == "admin" else "IOS_APP_INHOUSE"
        return apple.profile([certificate], devices, kind=kind, name=name, bundle_id=bundle_id)

    certificate = made(apple.certificate())["id"]
    assert [apple.certificate(content=content).status_code for content in ("junk", der())] == [409, 201]
    assert apple.certificate("DISTRIBUTION").status_code == 201
    shop = {"identifier": "com.example.shop", "name": "Shop", "platform": "IOS"}
    bundle_id = made(apple.create("bundleIds", shop))["id"]
    assert apple.create("bundleIds", shop).status_code == 409
    device = {"name": "Phone", "udid": udid, "platform": "IOS"}
    for status in (201, 409):
        assert apple.certificate().status_code == status
        assert store().status_code == status
        assert apple.create("devices", device).status_code == status
    assert store("Devices", apple.ids("devices")).status_code == 409
    made(apple.change("devices", apple.ids("devices")[-1], status="DISABLED"), 200)
    made(apple.change("bundleIds", bundle_id, name="New"), 200)
    owner = {"bundleId": linked("bundleIds", bundle_id)}
    settings = [{"key": "ICLOUD_VERSION", "options": [{"key": "XCODE_6", "enabled": True}]}]
    made(apple.create("bundleIdCapabilities", {"capabilityType": "ICLOUD", "settings": settings}, owner))
    capability = f"{bundle_id}_ICLOUD"
    made(apple.change("bundleIdCapabilities", capability, settings=settings), 200)
    assert apple.delete("bundleIdCapabilities", capability).status_code == 204
    for name, object_id in (
        ("certificates", certificate),
        ("profiles", apple.ids("profiles")[0]),
        ("bundleIds", bundle_id),
    ):
        assert [apple.delete(name, object_id).status_code for _ in range(2)] == [204, 404]


# Apple's 409s by name, each with the write that earns it and the values in it that are the sample's own.
REFUSED: dict[str, tuple[Callable[[Writer], requests.Response], dict[str, str]]] = {
    "409_cert_limit": (
        lambda apple: [apple.certificate("IOS_DISTRIBUTION") for _ in range(4)][-1],
        {"Developer ID Application": "iOS Distribution"},
    ),
    "409_device_exists": (
        lambda apple: [
            apple.create(
                "devices",
                {"name": "x", "udid": "0be51c8f4397715104873b50a3deb980bfa2c797", "platform": "IOS"},
            )
            for _ in range(2)
        ][-1],
        {},
    ),
    "409_device_bad_udid": (
        lambda apple: apple.create(
            "devices", {"name": "x", "udid": "3D7FADF5-D61B-5F6B-A254-XXXXXXXXX", "platform": "IOS"}
        ),
        {},
    ),
    "409_bundle_id_taken": (
        lambda apple: apple.create("bundleIds", {"name": "x", "identifier": "*", "platform": "IOS"}),
        {},
    ),
    "409_profile_devices_not_allowed": (
        lambda apple: apple.profile([made(apple.certificate())["id"]], apple.ids("devices")),
        {},
    ),
    "409_profile_unknown_app_id": (
        lambda apple: apple.profile(["x"], bundle_id="com.xxx.xxxx"),
        {},
    ),
    "409_profile_name_taken": (
        lambda apple: [
            apple.profile([certificate], name="Bitrise iOS development - (io.bitrise.testapp)")
            for certificate in [made(apple.certificate())["id"]] * 2
        ][-1],
        {},
    ),
    "404_pass_cert_without_relationship": (lambda apple: apple.certificate("PASS_TYPE_ID"), {}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_writes_are_apples_word_for_word(start_sandbox: Callable[..., Sandbox], name: str) -> None:
    samples = {each["name"]: each for each in json.loads((SHARED / "error-samples.json").read_text())}
    refused, other = REFUSED[name]
    response = refused(writer(start_sandbox()))
    (expected,) = samples[name]["body"]["errors"]
    (found,) = response.json()["errors"]
    for theirs, ours in other.items():
        expected["detail"] = expected["detail"].replace(theirs, ours)
    assert response.status_code == samples[name]["http"]
    assert found | {"id": ""} == expected | {"id": ""}
