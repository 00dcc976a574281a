"""The owner's side: making teams, changing what is in them, starting and stopping."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
import requests

from appstore.sandbox.server import Sandbox
from tests.appstore.test_sandbox_support import World, token

pytest_plugins = ["tests.appstore.test_sandbox_support"]

SMALL = {"certificates": 1, "profiles": 0, "bundle_ids": 2, "devices": 3}


def test_the_same_seed_gives_the_same_team() -> None:
    first, second, third = (Sandbox().add_team("Acme", **SMALL, seed=seed) for seed in (7, 7, 8))
    assert first == second
    assert (first.team_id, first.issuer_id) != (third.team_id, third.issuer_id)


def test_two_teams_of_one_sandbox_share_nothing() -> None:
    sandbox = Sandbox()
    first, second = sandbox.add_team("Acme", **SMALL), sandbox.add_team("Acme", **SMALL)
    assert first.team_id != second.team_id
    assert first.issuer_id != second.issuer_id
    for collection in ("certificates", "bundleIds", "devices"):
        a, b = ({each["id"] for each in sandbox.objects(team, collection)} for team in (first, second))
        assert not a & b
    identifiers = [
        each["attributes"]["identifier"]
        for team in (first, second)
        for each in sandbox.objects(team, "bundleIds")
    ]
    assert len(identifiers) == len(set(identifiers))


def test_a_default_team_is_a_big_one_with_everything_in_it(sandbox_world: World) -> None:
    devices = sandbox_world.sandbox.objects(sandbox_world.team, "devices")
    statuses = Counter(each["attributes"]["status"] for each in devices)
    assert statuses["PROCESSING"] == 1
    assert statuses["ENABLED"] > statuses["DISABLED"] > 1
    classes = {each["attributes"]["deviceClass"] for each in devices}
    assert classes == {"IPHONE", "IPAD", "IPOD", "MAC", "APPLE_WATCH", "APPLE_TV", "APPLE_VISION_PRO"}
    assert {len(each["attributes"]["udid"]) for each in devices} == {25, 36, 40}
    bundle_ids = sandbox_world.sandbox.objects(sandbox_world.team, "bundleIds")
    assert {each["attributes"]["platform"] for each in bundle_ids} == {"IOS", "MAC_OS", "UNIVERSAL"}
    apps = sandbox_world.sandbox.objects(sandbox_world.team, "apps")
    assert {each["attributes"]["bundleId"] for each in apps} < {
        each["attributes"]["identifier"] for each in bundle_ids
    }


def test_profiles_need_something_to_be_made_of() -> None:
    with pytest.raises(ValueError, match="certificates and bundle IDs"):
        Sandbox().add_team(certificates=0, profiles=1, bundle_ids=1, devices=1)


def test_what_is_added_and_changed_is_served(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox()
    team = sandbox.add_team(**SMALL)
    key = sandbox.add_key(team)
    device = sandbox.add_device(team, name="Ada's iPhone", udid="00008030-000000000000002E")
    sandbox.update(team, "devices", device["id"], status="STOLEN")
    headers = {"Authorization": f"Bearer {token(key)}"}
    served = requests.get(f"{sandbox.url}/v1/devices/{device['id']}", headers=headers, timeout=10).json()[
        "data"
    ]
    assert served["attributes"] == device["attributes"] | {"status": "STOLEN"}
    with pytest.raises(ValueError, match="have no colour"):
        sandbox.update(team, "devices", device["id"], colour="red")
    with pytest.raises(KeyError, match="0000000000"):
        sandbox.update(team, "devices", "0000000000", status="ENABLED")


def test_objects_are_copies() -> None:
    sandbox = Sandbox()
    team = sandbox.add_team(**SMALL)
    sandbox.objects(team, "devices")[0]["attributes"]["name"] = "changed"
    assert sandbox.objects(team, "devices")[0]["attributes"]["name"] != "changed"


def test_a_profile_that_loses_its_certificate_is_invalid(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox()
    team = sandbox.add_team(certificates=1, profiles=1, bundle_ids=1, devices=0)
    (certificate,), (profile,) = sandbox.objects(team, "certificates"), sandbox.objects(team, "profiles")
    assert profile["attributes"]["profileState"] == "ACTIVE"
    sandbox.remove(team, "certificates", certificate["id"])
    (profile,) = sandbox.objects(team, "profiles")
    assert profile["attributes"]["profileState"] == "INVALID"
    assert profile["attributes"]["profileContent"] is None
    assert profile["relationships"]["certificates"]["data"] == []
    sandbox.remove(team, "bundleIds", profile["relationships"]["bundleId"]["data"]["id"])
    headers = {"Authorization": f"Bearer {token(sandbox.add_key(team))}"}
    address = f"{sandbox.url}/v1/profiles/{profile['id']}/bundleId"
    assert requests.get(address, headers=headers, timeout=10).status_code == 404


def test_stopping_hangs_up_on_open_connections_and_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    with requests.Session() as http:
        with Sandbox() as sandbox:
            url = sandbox.url
            for _ in range(3):
                assert http.get(f"{url}/v1/apps", timeout=10).status_code == 401
            start = time.monotonic()
        assert time.monotonic() - start < 15
        assert set(threading.enumerate()) == before
        with pytest.raises(requests.ConnectionError):
            http.get(f"{url}/v1/apps", timeout=10)


def test_a_sandbox_comes_back_at_the_same_address() -> None:
    sandbox = Sandbox()
    sandbox.start()
    url, second = sandbox.url, sandbox.enterprise_url
    assert url != second
    with pytest.raises(RuntimeError, match="running already"):
        sandbox.start()
    sandbox.stop()
    with pytest.raises(RuntimeError, match="not running"):
        assert sandbox.url
    with sandbox:
        assert (sandbox.url, sandbox.enterprise_url) == (url, second)
    sandbox.stop()


def test_a_taken_port_is_an_error_and_leaves_the_other_one_free() -> None:
    with Sandbox() as first:
        taken = int(first.url.rpartition(":")[2])
        second = Sandbox(enterprise_port=taken)
        with pytest.raises(OSError, match="in use"):
            second.start()
        second.stop()


@pytest.mark.parametrize("headers", [{"Content-Length": str(1 << 21)}, {"Content-Length": "many"}])
def test_bodies_of_no_sensible_length_are_not_read(sandbox_world: World, headers: dict[str, str]) -> None:
    response = requests.post(f"{sandbox_world.sandbox.url}/v1/devices", headers=headers, timeout=10)
    assert response.status_code == 413


def test_the_package_stands_without_django() -> None:
    code = (
        "import sys; import appstore.sandbox.server, appstore.sandbox.ready_keys;"
        "found = [n for n in sys.modules if n.split('.')[0] in ('django', 'credentials', 'organizations')];"
        "sys.exit(', '.join(found) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
