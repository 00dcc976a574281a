"""The organization switcher and the way in at `/`: one's own organizations and no other."""

import re

import pytest
from django.test import Client

from organizations.actors import SYSTEM
from tests import factories
from tests.conftest import Cast

OWN = {
    "root_owner": ["Acme", "Acme Games", "Acme Travel"],
    "root_viewer": ["Acme", "Acme Games", "Acme Travel"],
    "sub_a_admin": ["Acme Games"],
    "sub_a_developer": ["Acme Games"],
    "sub_b_developer": ["Acme Travel"],
    "outsider": ["Globex"],
    "operator": ["Acme", "Acme Games", "Acme Travel", "Globex"],
}


def switcher(html: str) -> list[tuple[str, str]]:
    """Address and name of each entry, in order."""
    menu = re.search(r'<details class="menu org-switcher">.*?</details>', html, re.S)
    return (
        re.findall(r'<a class="menu-item[^>]* href="(/o/[^"]+)"[^>]*>([^<]+?)(?: <|</a>)', menu[0])
        if menu
        else []
    )


@pytest.mark.parametrize("member", OWN)
def test_entries(cast: Cast, member: str) -> None:
    client = cast.client(member)
    home = client.get("/")
    entries = switcher(client.get(home["Location"]).content.decode())
    assert [name for _, name in entries] == OWN[member]
    assert home["Location"] == entries[0][0]
    for address, _ in entries:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("member", OWN)
def test_no_page_names_an_organization_of_others(cast: Cast, member: str) -> None:
    client = cast.client(member)
    html = (
        client.get("/", follow=True).content.decode()
        + client.get("/accounts/password/change/").content.decode()
    )
    assert {name for name in ("Acme Games", "Acme Travel", "Globex") if name in html} == (
        set(OWN[member]) - {"Acme"}
    )


def test_the_current_one_is_marked(cast: Cast) -> None:
    html = cast.client("root_owner").get(cast.sub_b.overview_path()).content.decode()
    assert re.findall(r'href="([^"]+)" aria-current="true"', html) == ["/o/acme-travel/"]


def test_archived_ones_are_left_out(cast: Cast) -> None:
    cast.sub_a.archive(SYSTEM)
    html = cast.client("root_owner").get("/", follow=True).content.decode()
    assert [name for _, name in switcher(html)] == ["Acme", "Acme Travel"]


def test_each_root_is_followed_by_its_own(cast: Cast) -> None:
    """By name, and not all roots first."""
    cast.other.create_sub_organization(SYSTEM, "aardvark of Globex")
    factories.make_root("Zeta")
    html = cast.client("operator").get("/", follow=True).content.decode()
    assert [name for _, name in switcher(html)] == [
        "Acme", "Acme Games", "Acme Travel", "Globex", "aardvark of Globex", "Zeta",
    ]  # fmt: skip


def test_a_person_of_no_organization(db: None) -> None:
    alone = Client()
    alone.force_login(
        factories.make_user("alone@example.com"),
        backend="organizations.sign_in_backend.SignInBackend",
    )
    page = alone.get("/")
    assert page.status_code == 200
    assert "It comes to alone@example.com." in page.content.decode()
    assert "/organizations/new/" not in page.content.decode()
    assert switcher(page.content.decode()) == []
