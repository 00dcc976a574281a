"""Refusals and faults are answered with the same headers as pages, and tell nothing."""

import pytest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import Client
from django.views.debug import ExceptionReporter, get_exception_reporter_filter

from tests.conftest import Cast

SECRET = "a-secret-in-an-exception"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("organizations.views.home.Organization.objects.for_actor", fall)


def safe(answer: HttpResponse, status: int) -> None:
    assert answer.status_code == status
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Request-Id"]
    assert SECRET not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize("member", ["anonymous", "root_owner"])
def test_refusals(cast: Cast, member: str) -> None:
    client = cast.client(member)
    safe(client.get("/nothing/here/"), 404)
    safe(client.get("/", headers={"host": "evil.example"}), 400)
    safe(client.get("/accounts/signup/"), 404)
    safe(client.post("/"), 405)
    safe(client.get("/admin"), 301)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    safe(strict.post("/accounts/login/", {"login": "x"}), 403)
    many = "&".join(f"field{number}=1" for number in range(2000))
    safe(client.post("/accounts/login/", many, content_type="application/x-www-form-urlencoded"), 400)
    large = "login=" + "x" * 300_000
    safe(client.post("/accounts/login/", large, content_type="application/x-www-form-urlencoded"), 413)
    safe(client.post("/accounts/login/", b"x", content_type="multipart/form-data"), 400)


def test_not_allowed(cast: Cast) -> None:
    safe(cast.client("root_viewer").get("/o/acme/settings/"), 403)
    safe(cast.client("root_viewer").get("/admin/", follow=True), 403)


def test_faults_of_ours(cast: Cast, broken: None) -> None:
    client = cast.client("root_owner")
    client.raise_request_exception = False
    safe(client.get("/"), 500)


def test_an_error_report_shows_neither_what_was_posted_nor_variables(cast: Cast, broken: None) -> None:
    request = HttpRequest()
    request.method = "POST"
    request.POST = QueryDict(f"text={SECRET}")
    hidden = "********************"
    assert get_exception_reporter_filter(request).get_post_parameters(request) == {"text": hidden}
    with pytest.raises(RuntimeError) as caught:
        cast.client("root_owner").get("/")
    frames = ExceptionReporter(request, caught.type, caught.value, caught.tb).get_traceback_frames()
    assert len(frames) > 5
    assert {value for frame in frames for _name, value in frame["vars"]} == {hidden}
