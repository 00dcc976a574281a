"""The list of a root says with how many live sub-organizations each credential is shared."""

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from tests import factories
from tests.conftest import Cast

_CELL = re.compile(r'<td data-label="Shared with">(.*?)</td>', re.DOTALL)


@pytest.fixture
def credential(cast: Cast) -> Credential:
    return factories.make_key(cast.root, name="Our key").credential


def shown(cast: Cast, name: str = "root_owner") -> list[str]:
    page = cast.client(name).get(reverse("credentials", args=[cast.root.slug])).content.decode()
    return [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in _CELL.findall(page)]


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"with_all": False, "chosen": []}, "Nobody"),
        ({"with_all": False, "chosen": ["sub_a"]}, "Shared with 1"),
        ({"with_all": False, "chosen": ["sub_a", "sub_b"]}, "Shared with 2"),
        ({"with_all": True, "chosen": []}, "All (2)"),
        ({"with_all": True, "chosen": ["sub_a"]}, "All (2)"),
    ],
)
def test_the_count(cast: Cast, credential: Credential, choice: dict[str, Any], says: str) -> None:
    chosen = [getattr(cast, name) for name in choice["chosen"]]
    share(SYSTEM, credential, with_all=choice["with_all"], chosen=chosen)
    assert shown(cast) == [says]


@pytest.mark.parametrize(
    ("with_all", "before", "after"), [(True, "All (2)", "All (1)"), (False, "Shared with 2", "Shared with 1")]
)
def test_archived_sub_organizations_are_not_counted_until_they_are_back(
    cast: Cast, credential: Credential, with_all: bool, before: str, after: str
) -> None:
    share(SYSTEM, credential, with_all=with_all, chosen=[] if with_all else [cast.sub_a, cast.sub_b])
    cast.sub_a.archive(SYSTEM)
    assert shown(cast) == [after]
    cast.sub_a.restore(SYSTEM)
    assert shown(cast) == [before]


def test_one_that_is_shared_with_archived_ones_only_is_shared_with_nobody(
    cast: Cast, credential: Credential
) -> None:
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    cast.sub_a.archive(SYSTEM)
    assert shown(cast) == ["Nobody"]


def test_saving_the_panel_while_one_is_archived_keeps_what_it_had(cast: Cast, credential: Credential) -> None:
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a, cast.sub_b])
    cast.sub_a.archive(SYSTEM)
    address = reverse("share-credential", args=[cast.root.slug, credential.pk])
    cast.client("root_owner").post(address, {"name": "Our key", "sub_organizations": [cast.sub_b.pk]})
    cast.sub_a.restore(SYSTEM)

    assert shown(cast) == ["Shared with 2"]
    assert cast.client("sub_a_developer").get(credential.page_path(cast.sub_a)).status_code == 200


def test_each_row_has_its_own_count(cast: Cast, credential: Credential) -> None:
    """Shares, sub-organizations and rows do not multiply one another."""
    for number in range(3):
        cast.root.create_sub_organization(SYSTEM, f"Team {number}")
    subs = list(cast.root.sub_organizations.all())
    for number in range(1, 5):
        key = factories.make_key(cast.root, name=f"With {number}")
        share(SYSTEM, key.credential, with_all=False, chosen=subs[:number])
    everybody = factories.make_key(cast.root, name="Zebra")
    share(SYSTEM, everybody.credential, with_all=True, chosen=subs[:2])

    assert shown(cast) == ["Nobody", *(f"Shared with {number}" for number in range(1, 5)), "All (5)"]
    assert shown(cast, "root_viewer") == shown(cast)


def test_a_sub_organization_has_no_such_column(cast: Cast, credential: Credential) -> None:
    share(SYSTEM, credential, with_all=True, chosen=[])
    page = cast.client("root_owner").get(reverse("credentials", args=[cast.sub_a.slug])).content.decode()
    assert "Shared with" not in page


def test_the_keys_page_names_them(cast: Cast, credential: Credential) -> None:
    client = cast.client("root_owner")

    def says() -> str:
        page = client.get(credential.page_path()).content.decode()
        return re.sub(r"\s+", " ", page.partition("<dt>Shared with</dt>")[2].partition("</dd>")[0])

    assert "Nobody" in says()
    share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    assert "Acme Games" in says()
    assert "Acme Travel" not in says()
    share(SYSTEM, credential, with_all=True, chosen=[])
    assert "All sub-organizations, present and future: Acme Games, Acme Travel" in says()
    cast.sub_a.archive(SYSTEM)
    assert "Acme Games" not in says()
