"""What a key is told to be able to do, from what Apple answers."""

import json
from collections.abc import Callable, Iterator

import pytest
import requests
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appstore.client.client import APP_STORE_CONNECT_URL, ENTERPRISE_URL, AppStoreConnectClient
from appstore.client.probe import probe
from appstore.client.tokens import APP_STORE_CONNECT_AUDIENCE, ENTERPRISE_AUDIENCE, TokenMinter

PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
ROLE = {"code": "FORBIDDEN_ERROR", "detail": "The API key in use does not allow this request"}
OTHER = {"code": "FORBIDDEN_ERROR", "detail": "Unable to find a team with the given Content Provider ID"}
LAPSED = {"code": "FORBIDDEN_ERROR", "detail": "Team ID: 'X' is not associated with an active membership."}
AGREEMENT = {"code": "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED", "detail": "…"}


def client_for(key_type: str, issuer: str = "issuer") -> AppStoreConnectClient:
    enterprise = key_type == "ENTERPRISE"
    audience = ENTERPRISE_AUDIENCE if enterprise else APP_STORE_CONNECT_AUDIENCE
    minter = TokenMinter("2X9R4HXF34", issuer, PEM, audience, key_type)
    return AppStoreConnectClient(ENTERPRISE_URL if enterprise else APP_STORE_CONNECT_URL, minter)


@pytest.fixture
def apple() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def answers(mock: responses.RequestsMock, path: str, status: int, *errors: dict[str, str]) -> None:
    body = json.dumps({"errors": errors} if status != 200 else {"data": []})
    for base in (APP_STORE_CONNECT_URL, ENTERPRISE_URL):
        mock.get(base + path, body=body, status=status)


@pytest.mark.parametrize("key_type", ["TEAM", "ENTERPRISE"])
@pytest.mark.parametrize(
    ("users", "capabilities", "says"),
    [
        (200, {"certificates": True, "users": True}, "has the Admin role"),
        (403, {"certificates": True, "users": False}, "not Admin"),
        (500, {"certificates": True}, "accepts the key"),
        (429, {"certificates": True}, "accepts the key"),
    ],
)
def test_a_key_that_works(
    apple: responses.RequestsMock, key_type: str, users: int, capabilities: dict[str, bool], says: str
) -> None:
    answers(apple, "/v1/certificates", 200)
    answers(apple, "/v1/users", users, ROLE)
    result = probe(client_for, key_type)

    assert (result.outcome, result.capabilities, result.suggestion) == ("works", capabilities, None)
    assert says in result.message
    assert str(apple.calls[0].request.url).endswith("/v1/certificates?limit=1")
    assert str(apple.calls[1].request.url).endswith("/v1/users?limit=1")


def test_an_individual_key_that_works_cannot_sync(apple: responses.RequestsMock) -> None:
    answers(apple, "/v1/apps", 200)
    result = probe(client_for, "INDIVIDUAL")

    assert (result.outcome, result.capabilities) == ("works", {"certificates": False, "users": False})
    assert "Team key with the Admin role" in result.message
    assert len(apple.calls) == 1


@pytest.mark.parametrize(
    ("status", "errors", "outcome", "says"),
    [
        (403, [ROLE], "role-too-weak", "Admin role; this one still works for uploads"),
        (403, [OTHER], "role-too-weak", "Admin"),
        (403, [AGREEMENT], "agreement-required", "Account Holder signs"),
        (403, [LAPSED], "membership-lapsed", "renews"),
        (429, [], "rate-limited", "Wait"),
        (500, [], "unreachable", "failed"),
        (404, [], "unexpected", "finds nothing"),
        (302, [], "unexpected", "HTTP 302"),
    ],
)
def test_other_outcomes(
    apple: responses.RequestsMock, status: int, errors: list[dict[str, str]], outcome: str, says: str
) -> None:
    answers(apple, "/v1/certificates", status, *errors)
    result = probe(client_for, "TEAM")

    assert (result.outcome, result.suggestion) == (outcome, None)
    assert says in result.message
    assert result.capabilities == ({"certificates": False} if outcome == "role-too-weak" else {})
    assert len(apple.calls) == 1


def test_no_answer_is_unreachable(apple: responses.RequestsMock) -> None:
    apple.get(f"{APP_STORE_CONNECT_URL}/v1/certificates", body=requests.ConnectionError("no route"))
    result = probe(client_for, "TEAM")

    assert result.outcome == "unreachable"
    assert "could not be reached" in result.message
    assert "no route" not in result.message


def test_a_revoked_key_is_refused_after_all_types_were_tried(apple: responses.RequestsMock) -> None:
    answers(apple, "/v1/certificates", 401)
    answers(apple, "/v1/apps", 401)
    result = probe(client_for, "TEAM")

    assert (result.outcome, result.suggestion, result.capabilities) == ("refused", None, {})
    assert "not revoked" in result.message or "was not revoked" in result.message


@pytest.mark.parametrize(
    ("key_type", "accepted", "says"),
    [
        ("TEAM", "INDIVIDUAL", "an Individual key: change the key type"),
        ("INDIVIDUAL", "TEAM", "a Team key: change"),
        ("TEAM", "ENTERPRISE", "an Enterprise key: change"),
    ],
)
@pytest.mark.parametrize("status", [200, 403])
def test_the_type_that_apple_accepts_is_suggested(
    apple: responses.RequestsMock, key_type: str, accepted: str, says: str, status: int
) -> None:
    base = ENTERPRISE_URL if accepted == "ENTERPRISE" else APP_STORE_CONNECT_URL
    path = "/v1/apps" if accepted == "INDIVIDUAL" else "/v1/certificates"
    apple.get(base + path, json={"data": []} if status == 200 else {"errors": [ROLE]}, status=status)
    # `responses` takes the first match, so that every other address answers 401.
    answers(apple, "/v1/certificates", 401)
    answers(apple, "/v1/apps", 401)
    result = probe(client_for, key_type)

    assert (result.outcome, result.suggestion) == ("refused", accepted)
    assert says in result.message


def test_a_type_that_cannot_be_tried_is_left_out(apple: responses.RequestsMock) -> None:
    answers(apple, "/v1/apps", 401)
    tried: list[str] = []

    def without_issuer(key_type: str) -> AppStoreConnectClient:
        tried.append(key_type)
        return client_for(key_type, issuer="")

    result = probe(without_issuer, "INDIVIDUAL")

    assert (result.outcome, result.suggestion) == ("refused", None)
    assert tried == ["INDIVIDUAL", "TEAM", "ENTERPRISE"]


def test_trouble_while_trying_other_types_suggests_nothing(apple: responses.RequestsMock) -> None:
    answers(apple, "/v1/certificates", 401)
    answers(apple, "/v1/apps", 503)

    assert probe(client_for, "TEAM").suggestion is None


def test_all_clients_are_closed(apple: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(apple, "/v1/certificates", 401)
    answers(apple, "/v1/apps", 401)
    closed: list[AppStoreConnectClient] = []
    close: Callable[[AppStoreConnectClient], None] = AppStoreConnectClient.close

    def noted(self: AppStoreConnectClient) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(AppStoreConnectClient, "close", noted)
    probe(client_for, "TEAM")

    assert len(closed) == 3
