"""Which tokens the sandbox takes, and the one answer to all the others."""

import time
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from appstore.sandbox.model import Program
from tests.appstore.test_sandbox_support import World, token

pytest_plugins = ["tests.appstore.test_sandbox_support"]

NOT_AUTHORIZED = {
    "errors": [
        {
            "status": "401",
            "code": "NOT_AUTHORIZED",
            "title": "Authentication credentials are missing or invalid.",
            "detail": (
                "Provide a properly configured and signed bearer token, and make sure that it has not "
                "expired. Learn more about Generating Tokens for API Requests "
                "https://developer.apple.com/go/?id=api-generating-tokens"
            ),
        }
    ]
}


@dataclass(frozen=True)
class In:
    """A moment so many seconds from the test's start, which may be long after these lines are read."""

    seconds: int


def settled(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: now(value.seconds) if isinstance(value, In) else value for name, value in changes.items()}


def now(offset: int = 0) -> int:
    return int(time.time()) + offset


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"iat": None},  # codemagic's client sends none
        {"iat": In(-60)},
        {"exp": In(19 * 60)},
        {"exp": In(19 * 60), "iat": None},
        {"bid": "com.example.extra"},
    ],
    ids=str,
)
def test_good_team_tokens(sandbox_world: World, changes: dict[str, Any]) -> None:
    response = sandbox_world.send("GET", "/v1/certificates", token(sandbox_world.admin, **settled(changes)))
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("changes", "header"),
    [
        ({"iss": None}, {}),
        ({"iss": "00000000-0000-0000-0000-000000000000"}, {}),
        ({"sub": "user"}, {}),
        ({"iss": None, "sub": "user"}, {}),
        ({"aud": None}, {}),
        ({"aud": "apple-developer-enterprise-v1"}, {}),
        ({"aud": ["appstoreconnect-v1"]}, {}),
        ({"exp": None}, {}),
        ({"exp": In(-1)}, {}),
        ({"exp": "soon"}, {}),
        ({"exp": True}, {}),
        ({"iat": In(60)}, {}),
        ({"iat": In(-60), "exp": In(20 * 60)}, {}),
        ({"iat": None, "exp": In(21 * 60)}, {}),
        ({"iat": "yesterday"}, {}),
        ({}, {"kid": "AAAAAAAAAA"}),
        ({}, {"kid": ""}),
        ({}, {"typ": "JOSE"}),
    ],
    ids=str,
)
def test_bad_team_tokens(sandbox_world: World, changes: dict[str, Any], header: dict[str, str]) -> None:
    response = sandbox_world.send(
        "GET", "/v1/certificates", token(sandbox_world.admin, header=header, **settled(changes))
    )
    assert (response.status_code, response.json()) == (401, NOT_AUTHORIZED)
    assert "X-Rate-Limit" not in response.headers


@pytest.mark.parametrize(
    "changes",
    [{"sub": None}, {"sub": "admin"}, {"iss": "self"}, {"sub": None, "iss": "self"}],
    ids=str,
)
def test_individual_keys_have_a_subject_and_no_issuer(
    sandbox_world: World, changes: dict[str, str | None]
) -> None:
    assert sandbox_world.get("/v1/apps", sandbox_world.individual).status_code == 200
    if changes.get("iss"):
        changes = {**changes, "iss": sandbox_world.team.issuer_id}
    response = sandbox_world.send("GET", "/v1/apps", token(sandbox_world.individual, **settled(changes)))
    assert response.json() == NOT_AUTHORIZED


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic dXNlcjpwYXNz"])
def test_headers_without_a_token(sandbox_world: World, authorization: str) -> None:
    url = f"{sandbox_world.sandbox.url}/v1/apps"
    response = sandbox_world.http.get(url, headers={"Authorization": authorization}, timeout=10)
    assert (response.status_code, response.json()) == (401, NOT_AUTHORIZED)


def test_a_signature_by_another_key(sandbox_world: World) -> None:
    claims = {"iss": sandbox_world.team.issuer_id, "exp": now(60), "aud": "appstoreconnect-v1"}
    headers = {"kid": sandbox_world.admin.key_id}
    forged = jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers=headers)
    assert sandbox_world.send("GET", "/v1/apps", forged).json() == NOT_AUTHORIZED


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_other_algorithms(sandbox_world: World, algorithm: str) -> None:
    claims = {"iss": sandbox_world.team.issuer_id, "exp": now(60), "aud": "appstoreconnect-v1"}
    headers = {"kid": sandbox_world.admin.key_id}
    secret = None if algorithm == "none" else "s" * 32
    forged = jwt.encode(claims, secret, algorithm=algorithm, headers=headers)
    assert sandbox_world.send("GET", "/v1/apps", forged).json() == NOT_AUTHORIZED


def test_a_key_of_one_api_is_a_stranger_to_the_other(sandbox_world: World) -> None:
    for key, enterprise in [(sandbox_world.admin, True), (sandbox_world.enterprise, False)]:
        for program in Program:
            response = sandbox_world.send(
                "GET", "/v1/certificates", token(key, program), enterprise=enterprise
            )
            assert response.json() == NOT_AUTHORIZED
    assert sandbox_world.get("/v1/certificates", sandbox_world.enterprise).status_code == 200


def test_a_revoked_key_is_refused_from_then_on(sandbox_world: World) -> None:
    key = sandbox_world.sandbox.add_key(sandbox_world.team)
    assert sandbox_world.get("/v1/apps", key).status_code == 200
    sandbox_world.sandbox.revoke_key(key.key_id)
    assert sandbox_world.get("/v1/apps", key).json() == NOT_AUTHORIZED


@pytest.mark.parametrize(
    ("scope", "target", "allowed"),
    [
        (["GET /v1/apps"], "/v1/apps", True),
        (["GET /v1/apps"], "/v1/apps?limit=5&sort=name", True),
        (["GET /v1/devices", "GET /v1/apps"], "/v1/apps", True),
        (["GET /v1/apps?filter[name]=a&filter[sku]=b"], "/v1/apps?filter[sku]=b&filter[name]=a", True),
        (["GET /v1/apps"], "/v1/apps?filter[name]=a", False),
        (["GET /v1/apps?filter[name]=a"], "/v1/apps", False),
        (["GET /v1/apps"], "/v1/devices", False),
        (["POST /v1/apps"], "/v1/apps", False),
        ([], "/v1/apps", False),
        ("GET /v1/apps", "/v1/apps", False),
    ],
)
def test_a_scope_limits_a_token_to_its_requests(
    sandbox_world: World, scope: object, target: str, allowed: bool
) -> None:
    response = sandbox_world.send("GET", target, token(sandbox_world.admin, scope=scope))
    assert response.status_code == (200 if allowed else 401)


def test_requests_are_recorded_with_the_key_that_they_claim(sandbox_world: World) -> None:
    sandbox_world.get("/v1/apps", limit=3)
    sandbox_world.send("GET", "/v1/users", token(sandbox_world.admin, exp=now(-5)))
    first, second = sandbox_world.sandbox.requests
    assert (first.method, first.path, first.query, first.status) == ("GET", "/v1/apps", {"limit": "3"}, 200)
    assert (second.key_id, second.status) == (sandbox_world.admin.key_id, 401)
