"""How much a token may do in a minute, what wrong ones cost, and what is told of it."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from organizations import rates, token_guesses, tokens
from organizations.actors import Actor
from organizations.models import Allowance, ApiToken, AuditEvent
from organizations.permissions import Permission
from organizations.rates import TooManyError
from tests.conftest import Cast

MINUTE = 29_000_000
LIST = "/api/v1/credentials"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """In the middle of a minute, until a test moves it; and a process that has counted nothing yet."""
    now = [MINUTE * 60 + 20.0]
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: now[0]))
    monkeypatch.setattr(rates, "_shares", {})
    return now


def another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_shares", {})


def spent(name: str, limit: int) -> int:
    """How often it went well until it was refused."""
    for count in range(limit + 1):
        try:
            rates.spend(name, limit)
        except TooManyError:
            return count
    raise AssertionError("the limit does not hold")


def test_the_limit_is_exact_and_new_every_minute(db: None, clock: list[float]) -> None:
    assert spent("a", 60) == 60
    assert [spent("b", 7), spent("c", 1), spent("d", 0)] == [7, 1, 0]
    clock[0] += 60
    assert spent("a", 60) == 60


def test_it_holds_across_processes(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        rates.spend("a", 60)
    another_process(monkeypatch)
    assert spent("a", 60) == 60 - 6  # the first process took two parts of three
    another_process(monkeypatch)
    assert spent("a", 60) == 0


def test_a_clock_that_is_behind_gets_no_minute_of_its_own(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert spent("a", 60) == 60
    another_process(monkeypatch)
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: (MINUTE - 1) * 60 + 20.0))
    assert spent("a", 60) == 0


@pytest.mark.django_db(transaction=True)
def test_it_holds_when_many_count_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thread stands for a process: none knows what another took."""
    taken: list[int] = []

    def take() -> None:
        try:
            while Allowance.take("a", MINUTE, limit=60, count=3) is not None:
                taken.append(3)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 60


def test_most_requests_cost_no_query(db: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for _ in range(300):
            rates.spend("a", 600)
    assert len(asked) < 60
    spent("a", 600)
    with CaptureQueriesContext(connection) as asked:
        assert spent("a", 600) == 0
    assert len(asked) == 0  # a minute that is used up costs nothing


def ask(text: str, **headers: Any) -> Any:
    return Client(headers={"authorization": f"Bearer {text}", **headers}).get(LIST)


def test_too_many_requests_are_told_when_to_come_back(cast: Cast, settings: Settings) -> None:
    settings.TOKEN_REQUESTS_PER_MINUTE = 3
    view = [Permission.CREDENTIAL_VIEW]
    _token, text = ApiToken.issue(cast.actor("root_owner"), cast.root, name="CI", scopes=view)
    answers = [ask(text) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"requests";q=3;w=60'
    assert [answer.headers.get("RateLimit") for answer in answers[:3]] == [
        f'"requests";r={n};t=40' for n in (2, 1, 0)
    ]
    told = answers[3].json()
    assert (told["code"], answers[3]["Retry-After"]) == ("too-many-requests", "40")
    _other, another = ApiToken.issue(cast.actor("root_owner"), cast.root, name="Other", scopes=view)
    assert ask(another).status_code == 200
    assert "RateLimit" not in Client().get(LIST).headers


def test_wrong_tokens_cost_little_and_stop_nobody_else(cast: Cast) -> None:
    """Two hundred wrong ones of one address, among them a right one from the same."""
    cache.clear()
    view = [Permission.CREDENTIAL_VIEW]
    _token, right = ApiToken.issue(cast.actor("root_owner"), cast.root, name="CI", scopes=view)
    statuses = []
    for count in range(200):
        with CaptureQueriesContext(connection) as asked:
            statuses.append(ask(tokens.new_token()).status_code)
        if count != 60:  # the first that is too many goes on record
            (query,) = (each["sql"] for each in asked)
            assert query.startswith("SELECT 1 FROM")  # has any token this secret, or had it
    assert (statuses[:60], set(statuses[60:])) == ([401] * 60, {429})
    with CaptureQueriesContext(connection) as asked:
        assert ask(right[:-1] + "x").status_code == ask("nonsense").status_code == 401
    assert len(asked) == 0
    assert ask(right).status_code == 200
    event = AuditEvent.objects.get(action="token:guessed")
    assert (event.address, event.organization) == ("127.0.0.1", None)


def test_a_right_token_is_looked_up_once(cast: Cast) -> None:
    """What wrong ones are held up by is not asked again of one that this process has met; its end counts at once."""
    view = [Permission.CREDENTIAL_VIEW]
    token, right = ApiToken.issue(cast.actor("root_owner"), cast.root, name="CI", scopes=view)
    asked_for = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert ApiToken.of_text(right, "192.0.2.1") == token
        asked_for.append(len(asked))
    assert asked_for == [2, 1]
    token.revoke(cast.actor("root_owner"))
    assert ApiToken.of_text(right, "192.0.2.1") is None


def test_a_whole_network_of_one_customer_counts_as_one(db: None) -> None:
    assert (
        token_guesses.place_of("2001:db8:1:2:3::4")
        == token_guesses.place_of("2001:db8:1:2::9")
        == "2001:db8:1:2::/64"
    )
    assert token_guesses.place_of("198.51.100.7") == "198.51.100.7"
    token_guesses.wrong("nonsense", Actor(address="not an address"))
    assert not Allowance.objects.exists()
