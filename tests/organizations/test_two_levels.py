"""Roots and their sub-organizations: two levels, whatever path a row comes by."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories
from tests.conftest import Cast


def test_a_sub_organization_has_none_of_its_own(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        cast.sub_a.create_sub_organization(SYSTEM, "Third level")
    assert "directly under a root" in str(refused.value)
    assert not Organization.objects.filter(name="Third level").exists()


@pytest.mark.parametrize("check", ["clean", "save"])
def test_a_third_level_is_refused(cast: Cast, check: str) -> None:
    third = Organization(name="Third level", parent=cast.sub_a)
    with pytest.raises(ValidationError):
        getattr(third, check)()


@pytest.mark.parametrize("check", ["clean", "save"])
def test_a_root_with_sub_organizations_stays_a_root(cast: Cast, check: str) -> None:
    cast.root.parent = cast.other
    with pytest.raises(ValidationError) as refused:
        getattr(cast.root, check)()
    assert "stays a root" in str(refused.value)
    assert Organization.objects.get(pk=cast.root.pk).is_root


@pytest.mark.parametrize("check", ["clean", "save"])
def test_nothing_stands_under_itself(cast: Cast, check: str) -> None:
    cast.other.parent = cast.other
    with pytest.raises(ValidationError):
        getattr(cast.other, check)()


@pytest.mark.parametrize("name", ["", "   ", "\t\n"])
def test_an_organization_has_a_name(db: None, name: str) -> None:
    with pytest.raises(ValidationError):
        Organization.objects.create(name=name)


def test_spaces_in_a_name_are_put_in_order(db: None) -> None:
    assert factories.make_root("  Two   words ").name == "Two words"


def test_a_name_is_taken_once_per_root_in_any_case(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        cast.root.create_sub_organization(SYSTEM, "ACME games")
    assert refused.value.messages == ["There is a sub-organization with this name already."]
    assert cast.other.create_sub_organization(SYSTEM, "Acme Games").slug == "acme-games-2"


def test_the_database_itself_holds_the_names_apart(cast: Cast) -> None:
    twin = Organization(name="acme GAMES", parent=cast.root, slug="some-slug")
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Größe & Töchter", "groe-tochter"), ("日本", "organization"), ("New", "new-2"), ("Acme", "acme-2")],
)
def test_addresses(cast: Cast, name: str, slug: str) -> None:
    """Made from the name, unlike any other and unlike our own words; a name without Latin letters has one too."""
    assert factories.make_root(name).slug == slug
    assert factories.make_root(name).slug not in {slug, "new"}


def test_a_long_name_has_an_address_that_fits(db: None) -> None:
    slugs = {factories.make_root("x" * 80).slug for _ in range(3)}
    assert len(slugs) == 3
    assert max(map(len, slugs)) <= 90
