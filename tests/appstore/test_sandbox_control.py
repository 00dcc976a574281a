"""The control API: the sandbox run from another process on the same machine, and from nowhere else."""

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from appstore.sandbox.control import Control
from appstore.sandbox.exchange import Call
from appstore.sandbox.server import Sandbox
from credentials.parsing.profile import parse_profile
from tests.appstore.test_sandbox_support import token

pytest_plugins = ["tests.appstore.test_sandbox_support"]

TEAM = {"name": "Acme", "certificates": 1, "profiles": 1, "bundle_ids": 2, "devices": 2, "seed": 3}


@pytest.fixture
def sandbox(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox()


def call(sandbox: Sandbox, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, f"{sandbox.url}/_sandbox/{path}", timeout=10, **options)


def status(sandbox: Sandbox, key: dict[str, str], path: str = "/v1/devices") -> int:
    class Issued:
        key_id, issuer_id, p8 = key["key_id"], key["issuer_id"], key["p8"].encode()

    headers = {"Authorization": f"Bearer {token(Issued)}"}  # type: ignore[arg-type]
    return requests.get(f"{sandbox.url}{path}", headers=headers, timeout=10).status_code


def test_health(sandbox: Sandbox) -> None:
    for base in (sandbox.url, sandbox.enterprise_url):
        response = requests.get(f"{base}/_sandbox/health", timeout=10)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_from_a_team_to_a_fault_and_back(sandbox: Sandbox) -> None:
    made = call(sandbox, "POST", "teams", json=TEAM)
    team = made.json()
    assert made.status_code == 201
    assert set(team) == {"team_id", "issuer_id", "name", "program"}
    answer = call(sandbox, "POST", "keys", json={"team_id": team["team_id"], "role": "ADMIN", "kind": "TEAM"})
    key = answer.json()
    assert answer.status_code == 201
    assert key["p8"].startswith("-----BEGIN PRIVATE KEY-----")
    assert key["file_name"] == f"AuthKey_{key['key_id']}.p8"
    assert status(sandbox, key) == 200

    fault = call(sandbox, "POST", "faults", json={"path": "/v1/devices", "status": 429, "retry_after": 3})
    assert (fault.status_code, fault.json()["kind"], fault.json()["times"]) == (201, "rate_limit", 1)
    assert status(sandbox, key) == 429
    call(sandbox, "POST", "faults", json={"kind": "agreements", "times": None})
    assert status(sandbox, key) == 403
    assert call(sandbox, "DELETE", "faults").status_code == 204
    assert status(sandbox, key) == 200

    call(sandbox, "POST", "faults", json={"kind": "role", "after": 1, "method": "GET"})
    assert [status(sandbox, key) for _ in range(3)] == [200, 403, 200]

    device = sandbox.objects(team["team_id"], "devices")[0]["id"]
    path = f"teams/{team['team_id']}/devices/{device}"
    assert [call(sandbox, "DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert status(sandbox, key, f"/v1/devices/{device}") == 404

    assert call(sandbox, "DELETE", f"keys/{key['key_id']}").status_code == 204
    assert status(sandbox, key) == 401


def test_the_state_has_no_secrets(sandbox: Sandbox) -> None:
    team = call(sandbox, "POST", "teams", json=TEAM).json()
    key = call(sandbox, "POST", "keys", json={"team_id": team["team_id"]}).json()
    response = call(sandbox, "GET", "state")
    assert "PRIVATE" not in response.text
    assert key["p8"].splitlines()[1] not in response.text
    state = response.json()
    assert (state["url"], state["enterprise_url"]) == (sandbox.url, sandbox.enterprise_url)
    (found,) = state["teams"]
    assert found["keys"] == [{"key_id": key["key_id"], "role": "ADMIN", "kind": "TEAM", "revoked": False}]
    assert found["objects"]["devices"] == 2
    assert state["faults"] == []


def test_requests_are_listed_and_control_is_not_among_them(sandbox: Sandbox) -> None:
    requests.get(f"{sandbox.url}/v1/apps?limit=2", timeout=10)
    assert call(sandbox, "GET", "requests").json() == {
        "requests": [
            {"method": "GET", "path": "/v1/apps", "query": {"limit": "2"}, "key_id": "", "status": 401}
        ]
    }
    assert call(sandbox, "DELETE", "requests").status_code == 204
    assert call(sandbox, "GET", "requests").json() == {"requests": []}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "teams", b"not json", 400),
        ("POST", "teams", b"[]", 400),
        ("POST", "teams", b'{"name": 5}', 400),
        ("POST", "teams", b'{"seed": true}', 400),
        ("POST", "teams", b'{"colour": "red"}', 400),
        ("POST", "teams", b'{"program": "GARAGE"}', 400),
        ("POST", "keys", b'{"team_id": "0000000000"}', 404),
        ("POST", "keys", b"{}", 404),
        ("POST", "faults", b'{"status": 200}', 400),
        ("POST", "faults", b'{"kind": "meteor"}', 400),
        ("POST", "faults", b'{"kind": "role", "after": "1"}', 400),
        ("DELETE", "keys/0000000000", b"", 404),
        ("DELETE", "teams/0000000000/devices/0000000000", b"", 404),
        ("GET", "nowhere", b"", 404),
        ("PATCH", "state", b"", 404),
        ("GET", "keys/0000000000", b"", 404),
    ],
)
def test_bad_requests_say_what_is_wrong(
    sandbox: Sandbox, method: str, path: str, body: bytes, status: int
) -> None:
    response = call(sandbox, method, path, data=body)
    assert response.status_code == status
    assert response.json()["error"]
    assert sandbox.teams == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8100"},
        {"Host": "["},
    ],
    ids=str,
)
def test_web_pages_are_refused_under_whatever_name_they_reach_us(
    sandbox: Sandbox, headers: dict[str, str]
) -> None:
    for method, path in [("GET", "state"), ("POST", "keys"), ("DELETE", "faults")]:
        assert call(sandbox, method, path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("peer", "status"), [("127.0.0.1", 200), ("127.8.8.8", 200), ("::1", 200), ("192.0.2.7", 403)]
)
def test_other_machines_are_refused(sandbox: Sandbox, peer: str, status: int) -> None:
    request = Call("GET", "http://localhost:8100", "/_sandbox/health", "", "", peer, {}, b"")
    assert Control(sandbox).answer(request).status == status


def test_the_end_of_a_profile_is_moved_to_the_past(sandbox: Sandbox) -> None:
    team = call(sandbox, "POST", "teams", json=TEAM).json()["team_id"]
    (profile,) = sandbox.objects(team, "profiles")
    (certificate,) = sandbox.objects(team, "certificates")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    path = f"teams/{team}/{{}}/{{}}/end"
    for each in (profile, certificate):
        moved = call(sandbox, "POST", path.format(each["type"], each["id"]), json={"days": -1})
        assert moved.status_code == 200
        end = datetime.fromisoformat(moved.json()["attributes"]["expirationDate"])
        assert abs(end - yesterday) < timedelta(minutes=10)
    (moved_profile,) = sandbox.objects(team, "profiles")
    facts = parse_profile(b64decode(moved_profile["attributes"]["profileContent"]))
    assert abs(facts.expires_at - yesterday) < timedelta(minutes=10)
    assert facts.uuid == profile["attributes"]["uuid"]
    assert moved_profile["attributes"]["profileState"] == "ACTIVE"
    (device, *_) = sandbox.objects(team, "devices")
    assert call(sandbox, "POST", path.format("devices", device["id"])).status_code == 400
    assert call(sandbox, "POST", path.format("profiles", "NOBODY")).status_code == 404
