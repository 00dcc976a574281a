"""What a probe costs, by the sandbox's own count, and what comes out for keys of each type and role."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from appstore.client.client import AppStoreConnectClient
from appstore.client.probe import ProbeResult, probe
from appstore.client.tokens import APP_STORE_CONNECT_AUDIENCE, ENTERPRISE_AUDIENCE, TokenMinter
from appstore.sandbox.exchange import Request
from appstore.sandbox.model import IssuedKey, Kind, Program, Role
from appstore.sandbox.server import Sandbox
from tests.appstore.apple import Apple

SYNCED = ["certificates", "profiles", "bundleIds", "devices"]
MOST = 8

MakeApple = Callable[..., Apple]


def probed(apple: Apple, issued: IssuedKey, key_type: str) -> tuple[ProbeResult, list[Request]]:
    """What comes out, and what the sandbox was asked for meanwhile."""
    sandbox: Sandbox = apple.sandbox

    def client_for(key_type: str) -> AppStoreConnectClient:
        enterprise = key_type == "ENTERPRISE"
        audience = ENTERPRISE_AUDIENCE if enterprise else APP_STORE_CONNECT_AUDIENCE
        minter = TokenMinter(issued.key_id, issued.issuer_id, issued.p8, audience, key_type)
        return AppStoreConnectClient(sandbox.enterprise_url if enterprise else sandbox.url, minter)

    result = probe(client_for, key_type)
    return result, [each for each in sandbox.requests if each.key_id == issued.key_id]


def paths(requests: list[Request]) -> list[str]:
    return [each.path.removeprefix("/v1/") for each in requests]


@pytest.mark.parametrize(
    ("program", "role", "kind", "outcome", "can", "cannot"),
    [
        (Program.APP_STORE, Role.ADMIN, Kind.TEAM, "works", [*SYNCED, "users", "apps"], []),
        (Program.APP_STORE, Role.DEVELOPER, Kind.TEAM, "works", [*SYNCED, "apps"], ["users"]),
        (Program.APP_STORE, Role.APP_MANAGER, Kind.TEAM, "role-too-weak", ["apps"], [*SYNCED, "users"]),
        (Program.APP_STORE, Role.ADMIN, Kind.INDIVIDUAL, "works", ["apps"], SYNCED),
        (Program.ENTERPRISE, Role.ADMIN, Kind.TEAM, "works", [*SYNCED, "users"], []),
        (Program.ENTERPRISE, Role.DEVELOPER, Kind.TEAM, "works", SYNCED, ["users"]),
    ],
    ids=["admin", "developer", "app-manager", "individual", "enterprise-admin", "enterprise-developer"],
)
def test_each_endpoint_is_asked_once_for_one_object(
    make_apple: MakeApple,
    program: Program,
    role: Role,
    kind: Kind,
    outcome: str,
    can: list[str],
    cannot: list[str],
) -> None:
    apple = make_apple(program)
    key_type = "ENTERPRISE" if program is Program.ENTERPRISE else kind.value
    result, asked = probed(apple, apple.issue(role, kind), key_type)

    assert (result.outcome, result.suggestion) == (outcome, None)
    assert result.capabilities == dict.fromkeys(can, True) | dict.fromkeys(cannot, False)
    every = [*SYNCED, "users"] if program is Program.ENTERPRISE else [*SYNCED, "users", "apps"]
    assert paths(asked) == (["apps"] if kind is Kind.INDIVIDUAL else every)
    assert {each.query["limit"] for each in asked} == {"1"}


@pytest.mark.parametrize(
    ("program", "kind", "entered", "suggested", "says"),
    [
        (Program.ENTERPRISE, Kind.TEAM, "TEAM", "ENTERPRISE", "accepts it as an Enterprise key"),
        (Program.ENTERPRISE, Kind.TEAM, "INDIVIDUAL", "ENTERPRISE", "accepts it as an Enterprise key"),
        (Program.APP_STORE, Kind.TEAM, "ENTERPRISE", "TEAM", "accepts it as a Team key"),
        (Program.APP_STORE, Kind.TEAM, "INDIVIDUAL", "TEAM", "accepts it as a Team key"),
        (Program.APP_STORE, Kind.INDIVIDUAL, "TEAM", "INDIVIDUAL", "accepts it as an Individual key"),
    ],
)
def test_a_key_of_another_type_is_found_out(
    make_apple: MakeApple, program: Program, kind: Kind, entered: str, suggested: str, says: str
) -> None:
    apple = make_apple(program)
    # Entered as a Team key, an Individual one has got an Issuer ID.
    issued = replace(apple.issue(kind=kind), issuer_id=apple.team.issuer_id)
    result, asked = probed(apple, issued, entered)

    assert (result.outcome, result.suggestion, result.capabilities) == ("refused", suggested, {})
    assert says in result.message
    assert len(asked) <= MOST


def test_a_key_that_nobody_knows_is_refused_within_the_budget(apple: Apple) -> None:
    apple.sandbox.inject(status=401, times=None)
    result, asked = probed(apple, apple.issue(), "TEAM")

    assert (result.outcome, result.suggestion) == ("refused", None)
    # Twice for each type: Apple refuses valid tokens now and then.
    assert len(asked) == 6 <= MOST


def test_a_401_that_apple_takes_back_costs_one_more_request(apple: Apple) -> None:
    for path in ("/v1/certificates", "/v1/devices"):
        apple.sandbox.inject(path, status=401)
    result, asked = probed(apple, apple.issue(), "TEAM")

    assert result.outcome == "works"
    assert len(result.capabilities) == 6
    assert len(asked) == 8 <= MOST


@pytest.mark.parametrize(
    ("fault", "outcome"), [("agreements", "agreement-required"), ("membership", "membership-lapsed")]
)
def test_what_stops_the_whole_team_takes_one_request(apple: Apple, fault: str, outcome: str) -> None:
    apple.sandbox.inject(kind=fault, times=None)
    result, asked = probed(apple, apple.issue(), "TEAM")

    assert (result.outcome, result.capabilities) == (outcome, {})
    assert paths(asked) == ["certificates"]
