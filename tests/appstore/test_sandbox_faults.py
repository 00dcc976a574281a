"""Faults on demand, and the limit that is always on."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from appstore.sandbox.damage import PIECE
from appstore.sandbox.errors import HTML_502
from appstore.sandbox.ratelimit import HOUR, RateLimit
from appstore.sandbox.server import Sandbox
from tests.appstore.test_sandbox_support import World, token
from tests.appstore.writing import writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"status": 429}, 429, "RATE_LIMIT_EXCEEDED"),
        ({"status": 401}, 401, "NOT_AUTHORIZED"),
        ({"status": 403}, 403, "FORBIDDEN_ERROR"),
        ({"kind": "role"}, 403, "FORBIDDEN_ERROR"),
        ({"kind": "membership"}, 403, "FORBIDDEN_ERROR"),
        ({"kind": "agreements"}, 403, "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED"),
        ({"kind": "bad_cursor"}, 400, "PARAMETER_ERROR.INVALID"),
        ({"status": 500}, 500, "UNEXPECTED_ERROR"),
        ({"status": 503}, 503, "UNEXPECTED_ERROR"),
    ],
    ids=str,
)
def test_errors_on_demand(sandbox_world: World, options: dict[str, Any], status: int, code: str) -> None:
    sandbox_world.sandbox.inject("/v1/profiles", **options)
    response = sandbox_world.get("/v1/profiles")
    assert (response.status_code, sandbox_world.error(response)["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/json"
    assert "Retry-After" not in response.headers
    assert sandbox_world.get("/v1/profiles").status_code == 200


def test_a_429_may_tell_how_long_to_wait_while_the_hour_has_room(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/profiles", 429, retry_after=7)
    response = sandbox_world.get("/v1/profiles")
    assert response.headers["Retry-After"] == "7"
    assert int(response.headers["X-Rate-Limit"].split(":")[-1].strip(";")) > 100


def test_a_lapsed_membership_names_the_team(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/", kind="membership")
    detail = sandbox_world.error(sandbox_world.get("/v1/devices"))["detail"]
    assert detail.startswith(f"Team ID: '{sandbox_world.team.team_id}' is not associated with an active")


def test_a_bad_gateway_speaks_html(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject(status=502)
    response = sandbox_world.get("/v1/profiles")
    assert (response.status_code, response.content) == (502, HTML_502)
    assert response.headers["Content-Type"] == "text/html"
    assert "X-Rate-Limit" not in response.headers


def test_json_that_breaks_off(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject(kind="malformed")
    response = sandbox_world.get("/v1/profiles")
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.content)


def test_a_list_without_an_end(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/devices", kind="endless", times=None)
    path, seen = "/v1/devices?limit=200", []
    for _ in range(3):
        page = sandbox_world.get(path).json()
        seen.append([each["id"] for each in page["data"]])
        path = page["links"]["next"].removeprefix(sandbox_world.sandbox.url)
    assert seen[0] == seen[1] == seen[2]


def test_a_page_that_has_more_and_does_not_say_so(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/devices", kind="missing_next", after=1)
    first = sandbox_world.get("/v1/devices", limit=20).json()
    second = sandbox_world.get("/v1/devices", limit=20).json()
    assert "next" in first["links"]
    assert "next" not in second["links"]
    assert second["meta"]["paging"]["total"] == 75
    assert second["data"] == first["data"]


def test_a_page_that_leads_to_another_host(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/devices", kind="foreign_next", times=2)
    link = sandbox_world.get("/v1/devices", limit=20).json()["links"]["next"]
    assert link.startswith("https://evil.example/v1/devices?limit=20&cursor=")
    last = sandbox_world.get("/v1/devices", limit=200).json()
    assert last["links"]["next"].startswith("https://evil.example/v1/devices?limit=200")


def test_a_page_whose_first_object_is_its_last(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/devices", kind="duplicate_ids")
    ids = [each["id"] for each in sandbox_world.get("/v1/devices", limit=20).json()["data"]]
    assert (len(ids), ids[0], len(set(ids))) == (20, ids[-1], 19)


@pytest.mark.parametrize("kind", ["missing_next", "foreign_next", "duplicate_ids", "endless"])
def test_faults_of_pages_leave_other_documents_alone(sandbox_world: World, kind: str) -> None:
    device = sandbox_world.sandbox.objects(sandbox_world.team, "devices")[0]["id"]
    good = sandbox_world.get(f"/v1/devices/{device}").json()
    sandbox_world.sandbox.inject(kind=kind)
    assert sandbox_world.get(f"/v1/devices/{device}").json() == good


def test_a_connection_that_breaks_in_the_middle_of_the_body(sandbox_world: World) -> None:
    whole = len(sandbox_world.get("/v1/devices").content)
    sandbox_world.sandbox.inject("/v1/devices", kind="cut")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match=f"{whole // 2} bytes read"):
        sandbox_world.get("/v1/devices")
    assert sandbox_world.get("/v1/devices").status_code == 200


def test_an_answer_that_drips(sandbox_world: World) -> None:
    good = sandbox_world.get("/v1/devices", limit=1)
    pieces = -(-len(good.content) // PIECE)
    sandbox_world.sandbox.inject("/v1/devices", kind="drip", delay=0.03)
    start = time.monotonic()
    assert sandbox_world.get("/v1/devices", limit=1).content == good.content
    assert pieces > 1
    assert time.monotonic() - start >= 0.03 * pieces


def test_a_dripping_answer_ends_with_the_sandbox() -> None:
    with Sandbox() as sandbox:
        sandbox.inject(kind="drip", delay=30)
        response = requests.get(f"{sandbox.url}/v1/devices", timeout=10, stream=True)
        start = time.monotonic()
    assert time.monotonic() - start < 15  # half of what it would have waited
    response.close()


def test_a_lost_answer_is_to_a_write_that_was_done(start_sandbox: Callable[..., Sandbox]) -> None:
    apple = writer(start_sandbox())
    apple.sandbox.inject("/v1/bundleIds", kind="lost_answer", method="post")
    body = {"name": "x", "identifier": "com.example.x", "platform": "IOS"}
    with pytest.raises(requests.ConnectionError):
        apple.create("bundleIds", body)
    assert [each["attributes"]["identifier"] for each in apple.sandbox.objects(apple.team, "bundleIds")][
        -1
    ] == ("com.example.x")
    assert apple.create("bundleIds", body).status_code == 409


def test_a_fault_of_one_method(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/devices", 500, method="POST")
    assert sandbox_world.get("/v1/devices").status_code == 200
    assert sandbox_world.send("POST", "/v1/devices", token(sandbox_world.admin)).status_code == 500


def test_a_fault_lets_the_first_ones_pass(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/devices", 500, after=2, times=2)
    sandbox_world.get("/v1/profiles")
    assert [sandbox_world.get("/v1/devices").status_code for _ in range(5)] == [200, 200, 500, 500, 200]


def test_each_fault_counts_what_the_others_strike(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/devices", 500)
    sandbox_world.sandbox.inject("/v1/devices", 429, after=1)
    assert [sandbox_world.get("/v1/devices").status_code for _ in range(3)] == [500, 429, 200]


def test_a_late_answer_is_the_right_one(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject(delay=0.15)
    start = time.monotonic()
    assert sandbox_world.get("/v1/devices").status_code == 200
    assert time.monotonic() - start >= 0.15


def test_no_answer_until_the_delay_is_over(sandbox_world: World) -> None:
    sandbox_world.sandbox.inject("/v1/devices", kind="hang", delay=0.1)
    with pytest.raises(requests.ConnectionError):
        requests.get(
            f"{sandbox_world.sandbox.url}/v1/devices",
            headers={"Authorization": f"Bearer {token(sandbox_world.admin)}"},
            timeout=10,
        )
    (request,) = sandbox_world.sandbox.requests
    assert (request.path, request.status) == ("/v1/devices", 0)


def test_a_hanging_request_ends_with_the_sandbox() -> None:
    failed: list[Exception] = []
    with Sandbox() as sandbox:
        url = sandbox.url
        sandbox.inject(kind="hang")

        def wait() -> None:
            try:
                requests.get(f"{url}/v1/devices", timeout=30)
            except requests.ConnectionError as error:
                failed.append(error)

        client = threading.Thread(target=wait)
        client.start()
        while not sandbox.requests:
            time.sleep(0.005)
    client.join(15)  # half of the time that the client would have waited
    assert len(failed) == 1


def test_faults_strike_only_where_and_whom_and_as_often_as_they_should(sandbox_world: World) -> None:
    sandbox = sandbox_world.sandbox
    sandbox.inject("/v1/profiles", 500, times=2, key_id=sandbox_world.developer.key_id)
    assert sandbox_world.get("/v1/profiles").status_code == 200
    assert sandbox_world.get("/v1/devices", sandbox_world.developer).status_code == 200
    assert [sandbox_world.get("/v1/profiles", sandbox_world.developer).status_code for _ in range(3)] == [
        500,
        500,
        200,
    ]
    sandbox.inject("/v1/profiles", 500, times=None)
    assert [sandbox_world.get("/v1/profiles").status_code for _ in range(3)] == [500, 500, 500]
    assert [fault.path for fault in sandbox.faults] == ["/v1/profiles"]
    sandbox.clear_faults()
    assert sandbox_world.get("/v1/profiles").status_code == 200


def test_faults_come_in_the_order_in_which_they_were_asked_for(sandbox_world: World) -> None:
    for status in (500, 429, 403):
        sandbox_world.sandbox.inject("/v1/", status)
    assert [sandbox_world.get("/v1/devices").status_code for _ in range(4)] == [500, 429, 403, 200]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"status": 200},
        {"status": 418},
        {"kind": "meteor"},
        {"kind": "slow"},
        {"kind": "drip"},
        {"status": 500, "after": -1},
    ],
)
def test_faults_that_nobody_knows(sandbox_world: World, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        sandbox_world.sandbox.inject(**options)


def test_the_hourly_limit_counts_every_answer_of_a_key(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox(hourly_limit=3)
    team = sandbox.add_team(certificates=0, profiles=0, bundle_ids=0, devices=1)
    keys = sandbox.add_key(team), sandbox.add_key(team)

    def get(path: str, key: int = 0) -> requests.Response:
        headers = {"Authorization": f"Bearer {token(keys[key])}"}
        return requests.get(f"{sandbox.url}{path}", headers=headers, timeout=10)

    assert get("/v1/devices").headers["X-Rate-Limit"] == "user-hour-lim:3;user-hour-rem:2;"
    assert get("/v1/nowhere").headers["X-Rate-Limit"] == "user-hour-lim:3;user-hour-rem:1;"
    assert get("/v1/devices").headers["X-Rate-Limit"] == "user-hour-lim:3;user-hour-rem:0;"
    refused = get("/v1/devices")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert refused.headers["X-Rate-Limit"] == "user-hour-lim:3;user-hour-rem:0;"
    assert get("/v1/devices", key=1).status_code == 200


def test_the_hour_rolls() -> None:
    now = 0.0
    rate = RateLimit(2, clock=lambda: now)
    assert rate.spend("A") == 1
    now = HOUR / 2
    assert rate.spend("A") == 0
    assert rate.spend("A") is None
    now = HOUR
    assert rate.spend("A") == 0
    assert rate.spend("A") is None


def test_every_answer_waits_for_the_latency(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox(latency_ms=60)
    start = time.monotonic()
    assert requests.get(f"{sandbox.url}/v1/devices", timeout=10).status_code == 401
    assert time.monotonic() - start >= 0.06
