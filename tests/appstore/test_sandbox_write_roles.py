"""Who may write what at the sandbox, and that it stays written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appstore.sandbox.server import Sandbox
from tests.appstore.writing import Writer, linked, made, refusal, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]

ROLE = (403, "FORBIDDEN_ERROR", "The API key in use does not allow this request")
UDID = "00008110-001A2B3C4D5E6F70"


@pytest.fixture
def apple(start_sandbox: Callable[..., Sandbox]) -> Writer:
    return writer(start_sandbox())


def test_a_developer_writes_for_development_alone(apple: Writer) -> None:
    developer = apple.with_role("DEVELOPER")
    distribution = made(apple.certificate())["id"]
    store = made(apple.profile([distribution]))["id"]
    devices = apple.ids("devices")

    certificate = made(developer.certificate("DEVELOPMENT"))["id"]
    profile = made(developer.profile([certificate], devices, kind="IOS_APP_DEVELOPMENT", name="Mine"))["id"]
    assert refusal(developer.certificate("IOS_DISTRIBUTION")) == ROLE
    assert refusal(developer.profile([distribution], devices, kind="IOS_APP_ADHOC", name="x")) == ROLE
    assert refusal(developer.delete("certificates", distribution)) == ROLE
    assert refusal(developer.delete("profiles", store)) == ROLE
    assert developer.delete("profiles", profile).status_code == 204
    assert developer.delete("certificates", certificate).status_code == 204


@pytest.mark.parametrize(
    ("role", "kind"), [("DEVELOPER", "TEAM"), ("APP_MANAGER", "TEAM"), ("ADMIN", "INDIVIDUAL")]
)
def test_devices_and_bundle_ids_are_the_admins(apple: Writer, role: str, kind: str) -> None:
    other = apple.with_role(role, kind)
    bundle_id, device = apple.ids("bundleIds")[0], apple.ids("devices")[0]
    owner = {"bundleId": linked("bundleIds", bundle_id)}
    before = {name: apple.sandbox.objects(apple.team, name) for name in ("devices", "bundleIds")}

    assert refusal(other.create("devices", {"name": "x", "udid": UDID, "platform": "IOS"})) == ROLE
    assert refusal(other.change("devices", device, name="x")) == ROLE
    assert refusal(other.create("bundleIds", {"name": "x", "identifier": "com.x", "platform": "IOS"})) == ROLE
    assert refusal(other.change("bundleIds", bundle_id, name="x")) == ROLE
    assert refusal(other.delete("bundleIds", bundle_id)) == ROLE
    assert refusal(other.create("bundleIdCapabilities", {"capabilityType": "SIRIKIT"}, owner)) == ROLE
    assert {name: apple.sandbox.objects(apple.team, name) for name in before} == before


@pytest.mark.parametrize(("role", "kind"), [("APP_MANAGER", "TEAM"), ("ADMIN", "INDIVIDUAL")])
def test_others_write_nothing(apple: Writer, role: str, kind: str) -> None:
    other = apple.with_role(role, kind)
    certificate = made(apple.certificate("DEVELOPMENT"))["id"]

    assert refusal(other.certificate("DEVELOPMENT")) == ROLE
    assert refusal(other.delete("certificates", certificate)) == ROLE
    assert refusal(other.profile([certificate], kind="IOS_APP_DEVELOPMENT")) == ROLE


def test_another_teams_objects_are_not_found(apple: Writer) -> None:
    other = writer(apple.sandbox)
    certificate = made(apple.certificate())["id"]

    assert refusal(other.delete("certificates", certificate))[:2] == (404, "NOT_FOUND")
    assert refusal(other.change("devices", apple.ids("devices")[0], name="x"))[:2] == (404, "NOT_FOUND")
    assert apple.ids("certificates") == [certificate]


def test_a_restart_finds_what_was_written(tmp_path: Path) -> None:
    names = ("certificates", "profiles", "devices", "bundleIds", "bundleIdCapabilities")
    with Sandbox(tmp_path) as sandbox:
        apple = writer(sandbox)
        certificate = made(apple.certificate())["id"]
        made(apple.profile([certificate]))
        made(apple.create("devices", {"name": "x", "udid": UDID, "platform": "IOS"}))
        made(apple.create("bundleIds", {"name": "x", "identifier": "com.x.y", "platform": "IOS"}))
        made(apple.change("devices", apple.ids("devices")[0], status="DISABLED"), 200)
        before = {name: sandbox.objects(apple.team, name) for name in names}
    with Sandbox(tmp_path) as again:
        assert {name: again.objects(apple.team, name) for name in names} == before
