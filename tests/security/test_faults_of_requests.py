"""Requests that once met a 500: nobody sends them by mistake, and each is answered as what it is."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.test import RequestFactory

from appstore.models import App
from credhub.charset import utf8_alone
from credhub.gunicorn_log import GunicornLog
from organizations.actors import Actor
from organizations.middleware import client_address
from organizations.models import KeptAnswer
from tests.conftest import Cast
from tests.machines import API, machine, send
from tests.organizations.test_api_tokens import fresh


def test_what_is_no_id_chooses_nothing(cast: Cast) -> None:
    client = fresh(cast)
    page = "/o/acme/credentials/export/"
    for none in ("-" * 36, "0" * 35 + "-", "\x00", "x"):
        assert client.get(page, {"credential": none, "profile": none}).status_code == 200


def test_the_last_day_that_there_is(cast: Cast) -> None:
    answer = cast.client("root_owner").get("/o/acme/usage.csv", {"first": "9999-12-30", "last": "9999-12-31"})
    assert answer.status_code == 200
    assert b"".join(answer).count(b"\n") == 1


def test_halves_of_surrogate_pairs_are_no_json(cast: Cast) -> None:
    client = machine(cast, cast.root)
    for body in (rb'{"kind": "apns-key", "fields": {"name": "\ud800"}}', b'{"kind": NaN}', b"[" * 10_000):
        answer = client.post(f"{API}/credentials", body, "application/json", headers={"idempotency-key": "a"})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("who_refuses", ["database", "model"])
def test_two_that_do_the_same_in_one_moment(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, who_refuses: str
) -> None:
    """Each was told that it can be done, and one of them is late."""

    def add(app: App, actor: Actor) -> None:
        if who_refuses == "model":
            raise ValidationError("It is there.")
        with transaction.atomic():
            app.save(force_insert=True)

    app = {"platform": "IOS", "identifier": "com.acme.app", "name": "", "policy": "off"}
    page, program = cast.client("root_owner"), machine(cast, cast.root)
    page.raise_request_exception = False
    assert send(program, "POST", "/apps", app, idempotency_key="a").status_code == 201
    monkeypatch.setattr(App, "full_clean", lambda *_args, **_more: None)
    monkeypatch.setattr(App, "add", add)
    answers = page.post("/o/acme/apps/add/", app), send(program, "POST", "/apps", app, idempotency_key="b")
    assert [each.status_code for each in answers] == [409, 409]
    assert all("a moment ago" in each.content.decode() for each in answers)
    assert App.objects.count() == 1


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("::1", "::1"),
        ("::x", "::x"),
        ("", ""),
    ],
)
def test_a_socket_for_both_families_tells_clients_apart(peer: str, address: str) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer)) == address


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["hex", "rot13", "utf-7", "utf-8"])
@pytest.mark.parametrize("named", ["charset={}", "charset*=utf-8''{}", 'CHARSET="{}"'])
def test_a_charset_is_no_fault(charset: str, named: str) -> None:
    def start_response(status: str, _headers: Any) -> None:
        told.append(status)

    told: list[str] = []
    environ = RequestFactory().get("/accounts/login/?next=%ff").environ
    environ["CONTENT_TYPE"] = f"text/html; {named.format(charset)}"
    utf8_alone(get_wsgi_application())(environ, start_response)
    assert told == ["200 OK"]


def test_what_gunicorn_says_of_a_request_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(GunicornLog.__base__, "warning", lambda _log, msg, *_args: told.append(msg))
    log = GunicornLog.__new__(GunicornLog)
    log.warning("Invalid request from ip=192.0.2.1: Invalid HTTP request line: 'GET /invitations/s3cret/ x'")
    log.warning("Reloader is on.")
    assert told == ["Invalid request", "Reloader is on."]
