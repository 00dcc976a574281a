"""What the sandbox's tests share: one running sandbox with two teams and an Enterprise team, and a client.

A plugin of the test modules beside it (their `pytest_plugins`), so that all of them share one sandbox.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from appstore.sandbox.model import IssuedKey, Program, Team
from appstore.sandbox.server import Sandbox

SHARED = Path(__file__).resolve().parents[3] / "shared" / "asc"
AUDIENCES = {
    Program.APP_STORE: "appstoreconnect-v1",
    Program.ENTERPRISE: "apple-developer-enterprise-v1",
}


def token(
    key: IssuedKey, program: str = Program.APP_STORE, *, header: dict[str, Any] | None = None, **changes: Any
) -> str:
    """A good token of this key, with `changes` to its claims (None takes one away)."""
    now = int(time.time())
    claims: dict[str, Any] = {"iat": now, "exp": now + 600, "aud": AUDIENCES[Program(program)]}
    claims |= {"iss": key.issuer_id} if key.issuer_id else {"sub": "user"}
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(claims, key.p8, algorithm="ES256", headers={"kid": key.key_id, **(header or {})})


@dataclass
class World:
    """A running sandbox and its cast. The client keeps its connection, as real ones do."""

    sandbox: Sandbox
    team: Team
    other_team: Team
    enterprise_team: Team
    admin: IssuedKey
    app_manager: IssuedKey
    developer: IssuedKey
    individual: IssuedKey
    other_admin: IssuedKey
    enterprise: IssuedKey
    http: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, key: IssuedKey | None = None, **params: Any) -> requests.Response:
        """GET as the admin of the first team, or with another key; an Enterprise key goes to its own API."""
        key = key or self.admin
        enterprise = key.team_id == self.enterprise_team.team_id
        program = Program.ENTERPRISE if enterprise else Program.APP_STORE
        return self.send("GET", path, token(key, program), enterprise=enterprise, params=params)

    def send(
        self, method: str, path: str, bearer: str, *, enterprise: bool = False, **options: Any
    ) -> requests.Response:
        base = self.sandbox.enterprise_url if enterprise else self.sandbox.url
        headers = {"Authorization": f"Bearer {bearer}"}
        return self.http.request(method, f"{base}{path}", headers=headers, timeout=10, **options)

    def error(self, response: requests.Response) -> dict[str, Any]:
        """The one error in an answer."""
        (entry,) = response.json()["errors"]
        assert entry["status"] == str(response.status_code)
        return dict(entry)


@pytest.fixture(scope="session")
def running_world() -> Iterator[World]:
    with Sandbox(hourly_limit=1_000_000) as sandbox:
        team = sandbox.add_team("Acme", certificates=14, profiles=45, bundle_ids=25, devices=75)
        other = sandbox.add_team("Other", certificates=2, profiles=2, bundle_ids=2, devices=3)
        enterprise = sandbox.add_team(
            "Big Corp", "ENTERPRISE", certificates=5, profiles=12, bundle_ids=7, devices=15
        )
        world = World(
            sandbox,
            team,
            other,
            enterprise,
            admin=sandbox.add_key(team),
            app_manager=sandbox.add_key(team, "APP_MANAGER"),
            developer=sandbox.add_key(team, "DEVELOPER"),
            individual=sandbox.add_key(team, kind="INDIVIDUAL"),
            other_admin=sandbox.add_key(other),
            enterprise=sandbox.add_key(enterprise),
        )
        with world.http:
            yield world


@pytest.fixture
def sandbox_world(running_world: World) -> Iterator[World]:
    """The shared world. Tests that change its objects make their own sandbox instead."""
    running_world.sandbox.requests.clear()
    yield running_world
    running_world.sandbox.clear_faults()


@pytest.fixture
def start_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Start sandboxes of one's own; they stop with the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Sandbox(*args, **options))
