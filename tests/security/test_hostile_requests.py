"""Requests that no browser of ours sends: parameters, forms, headers, redirects."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from organizations.models import User
from organizations.views.home import set_up_token
from tests import factories
from tests.access.answers import database
from tests.access.pages import PAGES
from tests.access.requests import addresses, body
from tests.access.world import build
from tests.conftest import Cast

LISTS = ["credentials", "certificates", "profiles", "bundle-ids", "devices", "syncs", "activity"]
LOG_IN = "/accounts/login/"


@pytest.mark.parametrize(
    "query",
    [
        "page=-1", "page=99999999999999999999999", "page=x&page=2", "page=%00", "q=%00", "q=" + "a+" * 2000,
        "q=%5B%28%2A%3F", "q=%25%25__%5C", "sort=__class__", "sort=organization__name", "sort=-", "sort=--when",
        "sort=secret", "sort=name&sort=-secret", "team=x", "state=x&type=x&kind=x&status=x", "owner=root",
        "archived=1", "archived=%00", "action=%27", "%00=1", "q=%F0%9F%98%80&q=%E2%80%AE", "state=__class__",
    ],
)  # fmt: skip
def test_lists_take_any_address(cast: Cast, query: str) -> None:
    client = cast.client("root_owner")
    for each in LISTS:
        assert client.get(f"/o/acme/{each}/?{query}").status_code == 200, each


def test_every_post_takes_a_token(cast: Cast) -> None:
    """Whatever would succeed with the form's token is refused without it, and changes nothing."""
    world = build(cast)
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.root_owner, backend="organizations.sign_in_backend.SignInBackend")
    before, tried = database(), 0
    for row in PAGES:
        if row.place != "root" or row.expected()["POST", "root_owner"] not in "O>":
            continue
        slug, held = world.places["root"]
        for address in addresses(row.route, slug, held, every=False):
            assert client.post(address, body(row.route, held)).status_code == 403, address
            tried += 1
    for address in (
        "/organizations/new/",
        "/accounts/logout/",
        "/admin/logout/",
        "/accounts/password/reset/",
    ):
        assert client.post(address, {"name": "x", "email": "x@example.com"}).status_code == 403
    assert tried > 12
    assert database() == before
    assert client.get("/o/acme/").status_code == 200


@pytest.mark.parametrize(
    "hostile",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "https:evil.example", "%2f%2fevil.example", "/%09/evil.example", "http://testserver@evil.example/"],
)  # fmt: skip
def test_next_stays_here(cast: Cast, hostile: str) -> None:
    data = {"login": "root.owner@example.com", "password": factories.PASSWORD, "next": hostile}
    answer = Client().post(LOG_IN, data)
    assert answer.status_code == 302
    assert not answer["Location"].startswith(("//", "http", "java", "\\", "/\\", "/\t"))
    signed_in = cast.client("root_owner").get(LOG_IN, {"next": hostile})
    assert not signed_in.get("Location", "/").startswith(("//", "http", "java", "\\", "/\\", "/\t"))


def test_sign_in_is_throttled_whatever_address_is_claimed(cast: Cast) -> None:
    """X-Forwarded-For counts only when a trusted proxy is said to be there."""
    answers = [
        Client().post(
            LOG_IN,
            {"login": f"nobody{number}@example.com", "password": "wrong"},
            headers={"x-forwarded-for": f"10.0.0.{number}", "forwarded": f"for=10.0.0.{number}"},
        )
        for number in range(40)
    ]
    assert answers[-1].status_code == 429


def test_the_log_keeps_the_true_address(cast: Cast) -> None:
    client = cast.client("root_owner")
    client.post("/o/acme/settings/", {"name": "Renamed"}, headers={"x-forwarded-for": "6.6.6.6"})
    assert cast.root.audit_events.get(action="organization:renamed").address == "127.0.0.1"


def test_sign_in_and_password_reset_answer_alike_for_strangers(cast: Cast) -> None:
    def told(address: str, data: dict[str, str]) -> tuple[int, str, str]:
        answer = Client().post(address, data, REMOTE_ADDR=data["who"])
        text = answer.content.decode()
        for word in (data.get("login", ""), data.get("email", "")):
            text = text.replace(word, "") if word else text
        return (
            answer.status_code,
            answer.get("Location", ""),
            text.split("<main")[-1].split("csrfmiddlewaretoken")[0],
        )

    known, unknown = "root.owner@example.com", "nobody@example.com"
    wrong = {"password": "wrong password"}
    assert told(LOG_IN, {**wrong, "login": known, "who": "1.1.1.1"}) == told(
        LOG_IN, {**wrong, "login": unknown, "who": "1.1.1.2"}
    )
    reset = "/accounts/password/reset/"
    assert told(reset, {"email": known, "who": "1.1.1.3"}) == told(
        reset, {"email": unknown, "who": "1.1.1.4"}
    )


def test_the_set_up_link_is_worth_nothing_once_there_is_an_account(cast: Cast) -> None:
    before = User.objects.count()
    data = {
        "organization": "Evil",
        "name": "Evil",
        "email": "evil@example.com",
        "password": factories.PASSWORD,
    }
    for member in ("anonymous", "outsider"):
        answer = cast.client(member).post(f"/setup/{set_up_token()}/", data)
        assert answer["Location"] == LOG_IN
        assert cast.client(member).post("/setup/forged:1:token/", data).status_code == 404
    assert User.objects.count() == before


@pytest.mark.parametrize(("count", "status"), [(6, 400), (21, 413), (200, 413)])
def test_many_files_are_refused_unread(cast: Cast, count: int, status: int) -> None:
    files: dict[str, Any] = {f"file{number}": BytesIO(b"x" * 100) for number in range(count)}
    answer = cast.client("root_owner").post("/o/acme/credentials/add/app-store-connect-key/", files)
    assert answer.status_code == status


def test_headers_of_a_part_have_an_end(cast: Cast) -> None:
    part = (
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n'
        b"X: " + b"y" * 200_000 + b"\r\n\r\nz\r\n--b--\r\n"
    )
    answer = cast.client("root_owner").post(
        "/o/acme/settings/", part, content_type="multipart/form-data; boundary=b"
    )
    assert answer.status_code in {200, 400}
