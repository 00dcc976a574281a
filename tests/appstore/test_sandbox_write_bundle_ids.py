"""Bundle IDs and their capabilities at the sandbox, and what a change does to their profiles."""

from collections.abc import Callable
from typing import Any

import pytest

from appstore.sandbox.server import Sandbox
from tests.appstore.writing import Writer, linked, made, refusal, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]


@pytest.fixture
def apple(start_sandbox: Callable[..., Sandbox]) -> Writer:
    return writer(start_sandbox())


def register(apple: Writer, identifier: str, platform: str = "IOS", name: str = "Shop") -> Any:
    return apple.create("bundleIds", {"identifier": identifier, "name": name, "platform": platform})


def enable(apple: Writer, bundle_id: str, kind: str, **attributes: Any) -> Any:
    relationships = {"bundleId": linked("bundleIds", bundle_id)}
    return apple.create("bundleIdCapabilities", {"capabilityType": kind, **attributes}, relationships)


def capabilities(apple: Writer, bundle_id: str) -> dict[str, dict[str, Any]]:
    data = apple.send("GET", f"/v1/bundleIds/{bundle_id}/bundleIdCapabilities").json()["data"]
    return {each["attributes"]["capabilityType"]: each for each in data}


def test_a_bundle_id_is_registered_renamed_and_deleted(apple: Writer) -> None:
    found = made(register(apple, "com.example.shop"))
    assert found["attributes"] == {
        "name": "Shop",
        "platform": "IOS",
        "identifier": "com.example.shop",
        "seedId": apple.team.team_id,
    }
    assert list(capabilities(apple, found["id"])) == ["IN_APP_PURCHASE"]

    assert made(apple.change("bundleIds", found["id"], name="Store"), 200)["attributes"]["name"] == "Store"
    refused = apple.change("bundleIds", found["id"], identifier="com.example.other")
    assert refusal(refused)[1] == "ENTITY_ERROR.ATTRIBUTE.NOT_ALLOWED"

    assert apple.delete("bundleIds", found["id"]).status_code == 204
    assert found["id"] not in apple.ids("bundleIds")
    assert not [each for each in apple.ids("bundleIdCapabilities") if each.startswith(found["id"])]


def test_an_identifier_is_one_teams_alone(apple: Writer) -> None:
    made(register(apple, "com.example.*"))
    assert capabilities(apple, apple.ids("bundleIds")[-1]) == {}
    other = writer(apple.sandbox, "ENTERPRISE")

    for taken in ("com.example.*", "*"):
        detail = f"An App ID with Identifier '{taken}' is not available. Please enter a different string."
        assert refusal(register(other, taken)) == (409, "ENTITY_ERROR.ATTRIBUTE.INVALID", detail)


@pytest.mark.parametrize("identifier", ["com..x", "com.a b", "com.*.x", "café.com"])
def test_what_is_no_identifier(apple: Writer, identifier: str) -> None:
    assert refusal(register(apple, identifier))[2].endswith("for the parameter 'identifier'.")


def test_the_enterprise_api_knows_fewer_platforms(apple: Writer) -> None:
    other = writer(apple.sandbox, "ENTERPRISE")
    made(register(apple, "com.example.a", "UNIVERSAL"))
    assert refusal(register(other, "com.example.b", "UNIVERSAL"))[2].endswith("the parameter 'platform'.")


def test_one_that_an_app_uses_stays(apple: Writer) -> None:
    first = apple.sandbox.objects(apple.team, "bundleIds")[0]
    assert first["relationships"]["app"]["data"]

    detail = refusal(apple.delete("bundleIds", first["id"]))[2]
    assert detail.startswith(f"The App ID '{apple.team.team_id}.{first['attributes']['identifier']}' appears")


def test_deleting_one_leaves_its_profiles_invalid(apple: Writer) -> None:
    bundle_id = made(register(apple, "com.example.shop"))["id"]
    certificate = made(apple.certificate())["id"]
    profile = made(apple.profile([certificate], bundle_id=bundle_id))["id"]

    assert apple.delete("bundleIds", bundle_id).status_code == 204
    assert apple.stored("profiles", profile)["profileState"] == "INVALID"


def test_capabilities_are_enabled_changed_and_disabled(apple: Writer) -> None:
    bundle_id = made(register(apple, "com.example.shop"))["id"]
    settings = [{"key": "DATA_PROTECTION_PERMISSION_LEVEL", "options": [{"key": "COMPLETE_PROTECTION"}]}]

    made(enable(apple, bundle_id, "PUSH_NOTIFICATIONS"))
    found = made(enable(apple, bundle_id, "DATA_PROTECTION", settings=settings))
    assert found["attributes"] == {"capabilityType": "DATA_PROTECTION", "settings": settings}
    made(enable(apple, bundle_id, "DATA_PROTECTION", settings=settings))
    assert set(capabilities(apple, bundle_id)) == {"IN_APP_PURCHASE", "PUSH_NOTIFICATIONS", "DATA_PROTECTION"}

    settings = [{"key": "DATA_PROTECTION_PERMISSION_LEVEL", "options": [{"key": "PROTECTED_UNLESS_OPEN"}]}]
    changed = made(apple.change("bundleIdCapabilities", found["id"], settings=settings), 200)
    assert changed["attributes"]["settings"] == settings
    assert apple.delete("bundleIdCapabilities", found["id"]).status_code == 204
    assert set(capabilities(apple, bundle_id)) == {"IN_APP_PURCHASE", "PUSH_NOTIFICATIONS"}


def test_a_change_of_capabilities_leaves_the_profiles_invalid(apple: Writer) -> None:
    first, second = (made(register(apple, f"com.example.{name}"))["id"] for name in "ab")
    certificate = made(apple.certificate())["id"]
    other = made(apple.profile([certificate], bundle_id=second, name="Other"))["id"]
    capability = f"{first}_PUSH_NOTIFICATIONS"
    changes = [
        lambda: enable(apple, first, "PUSH_NOTIFICATIONS"),
        lambda: apple.change("bundleIdCapabilities", capability, settings=[]),
        lambda: apple.delete("bundleIdCapabilities", capability),
    ]
    for number, change in enumerate(changes):
        profile = made(apple.profile([certificate], bundle_id=first, name=f"P{number}"))["id"]
        assert change().ok
        stored = apple.stored("profiles", profile)
        assert (stored["profileState"], stored["profileContent"]) == ("INVALID", None)
    assert apple.stored("profiles", other)["profileState"] == "ACTIVE"


def test_capabilities_of_nothing_and_of_no_kind(apple: Writer) -> None:
    bundle_id = apple.ids("bundleIds")[0]
    assert refusal(enable(apple, "NOPE", "SIRIKIT"))[2] == "There is no App ID with ID 'NOPE' on this team."
    assert refusal(enable(apple, bundle_id, "TELEPATHY"))[0] == 409
    assert refusal(apple.delete("bundleIdCapabilities", "NOPE"))[:2] == (404, "NOT_FOUND")
