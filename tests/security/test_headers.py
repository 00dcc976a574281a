"""What every answer tells the browser, and what cookies are like in production."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from tests.conftest import Cast
from tests.process.house import ROOT, House, keys

ADDRESSES = {
    "page": ("/o/acme/", 200),
    "static file": ("/static/credhub/base.css", 200),
    "picture": ("/static/credhub/logo.svg", 200),
    "missing static file": ("/static/credhub/none.css", 404),
    "redirect": ("/o/acme/members/invite/", 405),
    "admin": ("/admin/", 200),
    "health": ("/healthz", 200),
    "nothing": ("/nothing/", 404),
    "file": ("/favicon.ico", 404),
    "sign-in of somebody signed in": ("/accounts/login/", 302),
}


def check(answer: Any) -> None:
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cache-Control"]
    assert "Server" not in answer
    assert "X-Powered-By" not in answer


@pytest.mark.parametrize(("address", "status"), ADDRESSES.values(), ids=ADDRESSES)
def test_every_answer(cast: Cast, address: str, status: int) -> None:
    answer = cast.client("root_owner").get(address)
    assert answer.status_code == status
    check(answer)
    is_static = address.startswith("/static/") and status == 200
    assert ("no-store" in answer["Cache-Control"]) != is_static
    answer.close()


@pytest.mark.parametrize("address", ["/", "/healthz", "/static/credhub/base.css", "/nothing/"])
@pytest.mark.parametrize("redirects", [True, False], ids=["HTTPS asked for", "plain"])
def test_a_host_that_is_not_ours(db: None, settings: Settings, address: str, redirects: bool) -> None:
    """With HTTPS asked for, the refusal comes from the middleware that asks, before any other."""
    settings.SECURE_SSL_REDIRECT = redirects
    answer = Client().get(address, headers={"host": "evil.example"})
    assert answer.status_code == (400 if not address.startswith("/static") or redirects else 200)
    assert b"evil" not in answer.getvalue()
    check(answer)
    answer.close()


def test_the_way_to_https(db: None, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31536000
    answer = Client().get("/accounts/login/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/accounts/login/")
    check(answer)
    secure = Client().get("/accounts/login/", secure=True)
    assert "max-age=31536000" in secure["Strict-Transport-Security"]


@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_signing_out_clears_what_the_browser_kept(cast: Cast, address: str) -> None:
    client = cast.client("root_owner")
    assert "Clear-Site-Data" not in client.get("/")
    assert "Clear-Site-Data" not in client.get("/accounts/logout/")
    answer = client.post(address)
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "_auth_user_id" not in client.session


def test_a_database_that_does_not_answer_is_503(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: object) -> None:
        raise OperationalError("connection to server at db.internal failed")

    monkeypatch.setattr("organizations.views.home.Organization.objects.for_actor", gone)
    client = cast.client("root_owner")
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 503
    assert "Try again in a minute" in answer.content.decode()
    assert "db.internal" not in answer.content.decode()
    assert answer["X-Request-Id"] in answer.content.decode()
    check(answer)


def test_a_page_of_an_error_says_one_plain_sentence_and_the_request_id(cast: Cast) -> None:
    client = cast.client("root_owner")
    for answer in (
        client.get("/nothing/"),
        client.get("/o/globex/"),
        client.get("/", headers={"host": "evil"}),
    ):
        main = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)
        assert main is not None
        assert answer["X-Request-Id"] in main[0]
        assert "nothing/" not in main[0]
        assert len(re.sub(r"<[^>]+>|\s+", " ", main[0])) < 600


def test_no_cache_keeps_pages() -> None:
    named = " ".join([*configured.MIDDLEWARE, *configured.INSTALLED_APPS])
    assert "cache" not in named.lower()
    assert "django.template.loaders.cached" not in str(configured.TEMPLATES)


SHOWN = ["SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
         "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE",
         "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_DOMAIN", "CSRF_COOKIE_PATH",
         "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT", "DEBUG"]  # fmt: skip


def test_cookies_in_production(tmp_path: Any) -> None:
    house = House(
        tmp_path, ALLOWED_HOSTS="credhub.example", DJANGO_SETTINGS_MODULE="credhub.settings", **keys()
    )
    code = "import json; from django.conf import settings as s; print(json.dumps({n: getattr(s, n) for n in %r}))"
    ended = subprocess.run(
        [sys.executable, "-c", code % SHOWN], cwd=ROOT, env=house.environ, capture_output=True, check=True
    )
    found = json.loads(ended.stdout)
    for cookie in ("SESSION", "CSRF"):
        # What a browser asks of a name that starts with __Host-
        assert found[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert found[f"{cookie}_COOKIE_SECURE"] is True
        assert found[f"{cookie}_COOKIE_DOMAIN"] is None
        assert found[f"{cookie}_COOKIE_PATH"] == "/"
        assert found[f"{cookie}_COOKIE_HTTPONLY"] is True
        assert found[f"{cookie}_COOKIE_SAMESITE"] in {"Lax", "Strict"}
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert (found["SECURE_SSL_REDIRECT"], found["DEBUG"]) == (True, False)
