"""The table of roles and permissions: what it says, and that the members page says the same."""

import re
from itertools import pairwise

import pytest
from django.urls import reverse

from organizations.permissions import (
    OPERATOR_PERMISSIONS,
    PERMISSION_LABELS,
    ROLE_PERMISSIONS,
    Permission,
    Role,
)
from tests.conftest import Cast

# Written by hand: who changes the product's table changes this one too, and means it.
#                                   owner admin developer viewer operator
TABLE = {
    "activity:view":               ("yes", "yes", "no", "no", "yes"),
    "admin:access":                ("yes", "yes", "no", "no", "yes"),
    "asset:download":              ("yes", "yes", "yes", "no", "yes"),
    "asset:manage":               ("yes", "yes", "no", "no", "no"),
    "asset:view":                  ("yes", "yes", "yes", "yes", "yes"),
    "credential:manage":           ("yes", "yes", "no", "no", "yes"),
    "credential:reveal":           ("yes", "no", "no", "no", "no"),
    "credential:share":            ("yes", "yes", "no", "no", "yes"),
    "credential:use":              ("yes", "yes", "yes", "no", "no"),
    "credential:view":             ("yes", "yes", "yes", "yes", "yes"),
    "member:manage":               ("yes", "yes", "no", "no", "yes"),
    "member:view":                 ("yes", "yes", "yes", "yes", "yes"),
    "organization:manage":         ("yes", "no", "no", "no", "yes"),
    "organization:view":           ("yes", "yes", "yes", "yes", "yes"),
    "sync:run":                    ("yes", "yes", "yes", "no", "yes"),
    "token:manage":                ("yes", "yes", "no", "no", "yes"),
}  # fmt: skip


def test_the_table_is_this_one() -> None:
    def yes(has: bool) -> str:
        return "yes" if has else "no"

    assert {
        permission.value: (
            *(yes(permission in ROLE_PERMISSIONS[role]) for role in Role), yes(permission in OPERATOR_PERMISSIONS),
        )
        for permission in Permission
    } == TABLE  # fmt: skip


def test_permissions_are_in_order_and_have_words() -> None:
    values = [permission.value for permission in Permission]
    assert values == sorted(values)
    assert set(PERMISSION_LABELS) == set(Permission)
    assert len(set(PERMISSION_LABELS.values())) == len(Permission)


def test_a_higher_role_may_whatever_a_lower_one_may() -> None:
    held = [ROLE_PERMISSIONS[role] for role in Role]
    assert all(higher > lower for higher, lower in pairwise(held))


@pytest.mark.parametrize("member", ["root_owner", "root_viewer"])
def test_the_members_page_shows_the_same_table(cast: Cast, member: str) -> None:
    html = cast.client(member).get(reverse("members", args=[cast.root.slug])).content.decode()
    matrix = re.search(r'<table class="table matrix">.*?</table>', html, re.S)
    assert matrix
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', matrix[0], re.S)
    shown = {label: tuple(re.findall(r"visually-hidden\">(\w+)<", cells)) for label, cells in rows}
    assert re.findall(r'<th scope="col">(\w+)</th>', matrix[0]) == [
        "Permission", "Owner", "Admin", "Developer", "Viewer",
    ]  # fmt: skip
    assert shown == {
        Permission(value).label: tuple(word.capitalize() for word in words[:4])
        for value, words in TABLE.items()
    }


@pytest.mark.parametrize(("member", "rows"), [
    ("root_owner", ["root.owner@example.com", "root.viewer@example.com"]),
    ("sub_a_developer", [
        "root.owner@example.com", "root.viewer@example.com", "sub.a.admin@example.com", "sub.a.developer@example.com",
    ]),
])  # fmt: skip
def test_the_members_page_lists_who_counts_here(cast: Cast, member: str, rows: list[str]) -> None:
    """Its own members and its root's, and nobody of another organization."""
    place = cast.root if member == "root_owner" else cast.sub_a
    html = cast.client(member).get(reverse("members", args=[place.slug])).content.decode()
    people = html.split('class="table matrix"')[0]
    assert re.findall(r'<span class="cell-sub">(\S+@example\.com)', people) == rows
    assert people.count('<span class="tag is-root">Root</span>') == len(rows) - 2
