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


SYNCED = ["certificates", "profiles", "bundleIds", "devices"]
QUESTIONS = {
    "TEAM": [*SYNCED, "users", "apps"],
    "ENTERPRISE": [*SYNCED, "users"],
    "INDIVIDUAL": ["apps"],
}


def all_answer(mock: responses.RequestsMock, **but: int | tuple[int, dict[str, str]]) -> None:
    """Every endpoint answers 200, but for those that are named."""
    for name in QUESTIONS["TEAM"]:
        status = but.get(name, 200)
        code, *errors = status if isinstance(status, tuple) else (status,)
        answers(mock, f"/v1/{name}", code, *errors)


def asked(mock: responses.RequestsMock) -> list[str]:
    return [str(call.request.url).rpartition("/v1/")[2].removesuffix("?limit=1") for call in mock.calls]


@pytest.mark.parametrize("key_type", QUESTIONS)
def test_every_question_is_asked_once_in_turn(apple: responses.RequestsMock, key_type: str) -> None:
    all_answer(apple)
    result = probe(client_for, key_type)

    assert (result.outcome, result.suggestion) == ("works", None)
    assert asked(apple) == QUESTIONS[key_type]
    base = ENTERPRISE_URL if key_type == "ENTERPRISE" else APP_STORE_CONNECT_URL
    assert all(str(call.request.url).startswith(base) for call in apple.calls)


@pytest.mark.parametrize("key_type", ["TEAM", "ENTERPRISE"])
@pytest.mark.parametrize(
    ("users", "known", "says"),
    [
        (200, True, "has the Admin role"),
        ((403, ROLE), False, "not Admin"),
        ((403, OTHER), None, "accepts the key"),
        (500, None, "accepts the key"),
        (429, None, "accepts the key"),
        (401, None, "accepts the key"),
    ],
    ids=["admin", "role", "other", "500", "429", "401"],
)
def test_a_key_that_works(
    apple: responses.RequestsMock,
    key_type: str,
    users: int | tuple[int, dict[str, str]],
    known: bool | None,
    says: str,
) -> None:
    all_answer(apple, users=users)
    result = probe(client_for, key_type)

    assert (result.outcome, result.suggestion) == ("works", None)
    assert says in result.message
    assert result.capabilities.get("users") is known
    assert all(result.capabilities[name] for name in SYNCED)


def test_an_individual_key_that_works_cannot_sync(apple: responses.RequestsMock) -> None:
    all_answer(apple)
    result = probe(client_for, "INDIVIDUAL")

    assert (result.outcome, result.capabilities) == ("works", dict.fromkeys(SYNCED, False) | {"apps": True})
    assert "Team key with the Admin role" in result.message


def test_an_individual_key_may_be_too_weak_for_apps(apple: responses.RequestsMock) -> None:
    all_answer(apple, apps=(403, ROLE))
    result = probe(client_for, "INDIVIDUAL")

    assert (result.outcome, result.capabilities) == ("role-too-weak", {"apps": False})
    assert "does not allow GET /v1/apps" in result.message


@pytest.mark.parametrize(
    ("key_type", "refused", "says"),
    [
        ("TEAM", ["devices"], "may not read devices. To sync them, add a key with the role Admin, or App"),
        ("TEAM", ["profiles", "bundleIds"], "may not read profiles and bundle IDs."),
        ("TEAM", SYNCED, "may not read certificates, profiles, bundle IDs and devices."),
        ("TEAM", ["devices"], "access to Certificates, Identifiers & Profiles. This one still works for uploads."),
        ("ENTERPRISE", ["certificates"], "may not read certificates. To sync them, add a key with the role Admin."),
    ],
    ids=["one", "two", "all", "uploads", "enterprise"],
)  # fmt: skip
def test_too_weak_a_role_is_told_with_what_it_may_not_read(
    apple: responses.RequestsMock, key_type: str, refused: list[str], says: str
) -> None:
    all_answer(apple, **dict.fromkeys(refused, (403, ROLE)))
    result = probe(client_for, key_type)

    assert (result.outcome, result.suggestion) == ("role-too-weak", None)
    assert says in result.message
    assert asked(apple) == QUESTIONS[key_type]
    assert result.capabilities == {name: name not in refused for name in QUESTIONS[key_type]}


STOPPED, WENT_ON = 1, 6


@pytest.mark.parametrize(
    ("status", "errors", "outcome", "says", "requests_made"),
    [
        (403, [OTHER], "role-too-weak", "no developer team", WENT_ON),
        (403, [], "role-too-weak", "It gave no reason", WENT_ON),
        (404, [], "works", "Not everything could be asked: Apple finds nothing", WENT_ON),
        (409, [], "works", "Not everything could be asked: Apple refused GET /v1/certificates", WENT_ON),
        (403, [AGREEMENT], "agreement-required", "Account Holder signs", STOPPED),
        (403, [LAPSED], "membership-lapsed", "renews", STOPPED),
        (429, [], "rate-limited", "Wait", STOPPED),
        (500, [], "unreachable", "failed", STOPPED),
        (302, [], "unexpected", "HTTP 302", STOPPED),
    ],
)
def test_what_is_no_clear_answer_is_not_kept(
    apple: responses.RequestsMock,
    status: int,
    errors: list[dict[str, str]],
    outcome: str,
    says: str,
    requests_made: int,
) -> None:
    answers(apple, "/v1/certificates", status, *errors)  # the first match counts
    all_answer(apple)
    result = probe(client_for, "TEAM")

    assert (result.outcome, result.suggestion) == (outcome, None)
    assert says in result.message
    assert len(apple.calls) == requests_made
    known = QUESTIONS["TEAM"][1:] if requests_made == WENT_ON else []
    assert result.capabilities == dict.fromkeys(known, True)


@pytest.mark.parametrize(
    ("profiles", "outcome"),
    [
        ((403, AGREEMENT), "agreement-required"),
        ((403, LAPSED), "membership-lapsed"),
        (429, "works"),
        (503, "works"),
        (401, "refused"),
    ],
    ids=["agreement", "membership", "429", "503", "401"],
)
def test_trouble_halfway_stops_it_and_keeps_what_is_known(
    apple: responses.RequestsMock, profiles: int | tuple[int, dict[str, str]], outcome: str
) -> None:
    all_answer(apple, profiles=profiles)
    result = probe(client_for, "TEAM")

    assert (result.outcome, result.suggestion) == (outcome, None)
    assert result.capabilities == {"certificates": True}
    assert ("Not everything could be asked" in result.message) == (outcome == "works")
    assert set(asked(apple)) == {"certificates", "profiles"}


def test_a_long_answer_is_cut_between_words(apple: responses.RequestsMock) -> None:
    many = {"code": "PARAMETER_ERROR.INVALID", "detail": "is not a valid filter value " + "IOS, " * 90}
    all_answer(apple, bundleIds=(400, many), users=(403, ROLE))
    result = probe(client_for, "TEAM")

    assert result.outcome == "works"
    assert len(result.message) <= 500
    assert result.message.endswith("report it as a…")


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
