"""The activity page: an organization's own events, and for a root those of its sub-organizations."""

import re

import pytest
from django.urls import reverse

from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.models import Organization
from tests.conftest import Cast

PLACES = ("root", "sub_a", "sub_b", "other")


@pytest.fixture
def told(cast: Cast) -> Cast:
    """One event in each organization's log, and one in nobody's; each is told by its subject's name."""
    for place in PLACES:
        subject = Organization(name=f"mark-of-{place}")
        audit.record(
            cast.actor("operator"), Action.ORGANIZATION_RENAMED, subject, organization=getattr(cast, place)
        )
    audit.record(SYSTEM, Action.SESSION_STARTED, Organization(name="mark-of-nobody"), organization=None)
    return cast


def marks(cast: Cast, member: str, place: str, query: str = "") -> list[str]:
    """Whose events are listed, newest first."""
    address = reverse("activity", args=[getattr(cast, place).slug]) + query
    html = cast.client(member).get(address).content.decode()
    return re.findall(r"<strong>mark-of-(\w+)</strong>", html)


@pytest.mark.parametrize(("member", "place", "expected"), [
    ("root_owner", "root", ["sub_b", "sub_a", "root"]),
    ("root_owner", "sub_a", ["sub_a"]),
    ("sub_a_admin", "sub_a", ["sub_a"]),
    ("outsider", "other", ["other"]),
    ("operator", "root", ["sub_b", "sub_a", "root"]),
    ("operator", "other", ["other"]),
])  # fmt: skip
def test_whose_events(told: Cast, member: str, place: str, expected: list[str]) -> None:
    assert marks(told, member, place) == expected


@pytest.mark.parametrize(("member", "place", "status"), [
    ("root_viewer", "root", 403), ("sub_a_developer", "sub_a", 403), ("sub_a_admin", "root", 404),
    ("sub_a_admin", "sub_b", 404), ("root_owner", "other", 404), ("outsider", "root", 404),
])  # fmt: skip
def test_who_does_not_see_the_page(told: Cast, member: str, place: str, status: int) -> None:
    answer = told.client(member).get(reverse("activity", args=[getattr(told, place).slug]))
    assert answer.status_code == status
    assert "mark-of" not in answer.content.decode()


def test_the_events_of_an_archived_sub_organization_are_in_no_list(told: Cast) -> None:
    """Its rows are nobody's until it is restored; that it was archived stands in the root's log."""
    told.sub_a.archive(SYSTEM)
    assert marks(told, "root_owner", "root") == ["sub_b", "root"]
    page = told.client("root_owner").get(reverse("activity", args=[told.root.slug])).content.decode()
    assert "archived the organization <strong>Acme Games</strong>" in page


@pytest.mark.parametrize(("query", "expected"), [
    ("?action=organization:renamed", ["sub_b", "sub_a", "root"]),
    ("?action=member:invited", []),
    ("?action=nonsense", ["sub_b", "sub_a", "root"]),
    ("?q=mark-of-sub_a", ["sub_a"]),
    ("?q=operator@example.com", ["sub_b", "sub_a", "root"]),
    ("?q=Globex", []),
    ("?actor=credhub", []),
    ("?actor=people", ["sub_b", "sub_a", "root"]),
    ("?sort=when", ["root", "sub_a", "sub_b"]),
    ("?sort=organization__name", ["sub_b", "sub_a", "root"]),
])  # fmt: skip
def test_narrowing_stays_within_what_one_sees(told: Cast, query: str, expected: list[str]) -> None:
    assert marks(told, "root_owner", "root", query) == expected


def test_an_event_is_told_in_words(cast: Cast) -> None:
    actor = Actor(user=cast.root_owner, address="192.0.2.44")
    audit.record(
        actor, Action.MEMBER_ROLE_CHANGED, cast.root_viewer, organization=cast.root, was="VIEWER", now="ADMIN"
    )
    html = cast.client("root_owner").get(reverse("activity", args=[cast.root.slug])).content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "root.owner@example.com changed the role of root.viewer@example.com" in text
    assert {"was: VIEWER", "now: ADMIN"} == set(
        re.findall(r"(?:was|now): [A-Z]+", text)
    )  # in the database's order
    assert "192.0.2.44" in text


def test_what_is_told_is_escaped(cast: Cast) -> None:
    cast.sub_a.rename(SYSTEM, "<script>alert(1)</script>")
    html = cast.client("root_owner").get(reverse("activity", args=[cast.root.slug])).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
