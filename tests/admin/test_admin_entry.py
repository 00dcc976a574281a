"""The way into the admin, and what stands beside its lists."""

import pytest

from tests import factories
from tests.conftest import Cast

HOSTILE = [
    "//evil.example/",
    "https://evil.example/",
    "http:evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_signing_in_leads_nowhere_else(cast: Cast, hostile: str) -> None:
    client = cast.client("anonymous")
    answer = client.get("/admin/login/", {"next": hostile})
    assert answer["Location"].startswith("/accounts/login/?next=")
    data = {"login": "root.owner@example.com", "password": factories.PASSWORD, "next": hostile}
    signed_in = client.post(answer["Location"], data)
    assert signed_in.status_code == 302
    assert signed_in["Location"] == "/"


def test_signing_in_leads_back_to_where_one_was(cast: Cast) -> None:
    client = cast.client("anonymous")
    answer = client.get("/admin/credentials/credential/", follow=True)
    data = {"login": "root.owner@example.com", "password": factories.PASSWORD}
    signed_in = client.post("/accounts/login/?next=/admin/credentials/credential/", data)
    assert answer.redirect_chain[-1][0].endswith("next=/admin/credentials/credential/")
    assert signed_in["Location"] == "/admin/credentials/credential/"


@pytest.mark.parametrize("path", ["//evil.example/admin", "/admin//evil.example", "/admin/%5Cevil.example"])
def test_paths_that_look_like_hosts_redirect_to_none(cast: Cast, path: str) -> None:
    for member in ("anonymous", "root_owner"):
        answer = cast.client(member).get(path)
        assert not answer.get("Location", "/").startswith(("//", "http", "/\\"))


def test_the_words_for_scripts_are_nobodys(cast: Cast) -> None:
    answer = cast.client("sub_a_admin").get("/admin/jsi18n/")
    assert answer.status_code == 200
    assert b"Globex" not in answer.content


def test_changing_ones_password_takes_the_old_one(cast: Cast) -> None:
    client = cast.client("sub_a_admin")
    new = {"new_password1": "another long password", "new_password2": "another long password"}
    assert client.post("/admin/password_change/", {**new, "old_password": "wrong"}).status_code == 200
    cast.sub_a_admin.refresh_from_db()
    assert cast.sub_a_admin.check_password(factories.PASSWORD)


def test_locked_out_at_once(cast: Cast) -> None:
    client = cast.client("root_owner")
    assert client.get("/admin/").status_code == 200
    cast.root_owner.is_active = False
    cast.root_owner.save()
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_an_archived_organizations_admin_opens_no_admin(cast: Cast) -> None:
    client = cast.client("sub_a_admin")
    cast.sub_a.archived_at = cast.sub_a.created_at
    cast.sub_a.save()
    assert client.get("/admin/", follow=True).status_code == 403
