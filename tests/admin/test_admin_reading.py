"""Nobody reads another tenant's rows in the admin: not in lists, pages, choices, searches or look-ups."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from tests.admin.furniture import MODELS, House, address, traces
from tests.thoroughness import first_of

MEMBERS = ["root_owner", "sub_a_admin", "outsider"]
LABELS = [model._meta.label for model in MODELS]


def ids(response: Any) -> set[str]:
    return {str(row.pk) for row in response.context["cl"].result_list}


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_lists_filters_and_indexes(house: House, member: str) -> None:
    client, words = house.cast.client(member), house.words(member)
    for model in MODELS:
        for query in ("", "?all=&_facets=True&o=1.-2&_popup=1&_to_field=id"):
            response = client.get(address(model) + query)
            assert response.status_code in {200, 403}, address(model) + query
            assert traces(response, words) == [], address(model) + query
    for page in ("/admin/", "/admin/organizations/", "/admin/credentials/", "/admin/appstore/"):
        response = client.get(page)
        assert response.status_code == 200
        assert traces(response, words) == [], page


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_lists_do_show_what_is_ones_own(house: House, member: str) -> None:
    """The tests beside this one would be content with empty pages."""
    owner = {"root_owner": "root", "sub_a_admin": "sub_a", "outsider": "other"}[member]
    client = house.cast.client(member)
    hidden = {"DataKey", "KeyPreference"}
    for model, row in house.rows[owner].items():
        if model.__name__ not in hidden:
            assert str(row.pk) in ids(client.get(address(model))), model


def test_operators_see_every_row(house: House) -> None:
    client = house.cast.client("operator")
    for rows in house.rows.values():
        for model, row in rows.items():
            assert str(row.pk) in ids(client.get(address(model) + "?all=")), model


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_searches_find_nothing_of_others(house: House, member: str) -> None:
    client = house.cast.client(member)
    for model in MODELS:
        for word in house.words(member):
            response = client.get(address(model), {"q": word})
            if response.status_code == 200:
                assert ids(response) & {str(row.pk) for row in house.unseen(member)} == set()


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_pages_of_foreign_rows_are_pages_of_no_row(house: House, member: str) -> None:
    client, words = house.cast.client(member), house.words(member)
    for row in house.unseen(member):
        for page in ("change", "history", "delete"):
            response = client.get(address(type(row), page, row.pk))
            assert response.status_code == 403 or response["Location"] == "/admin/", (row, page)
            assert traces(response, words) == [], (row, page)
    assert traces(client.get("/admin/"), words) == []
    for row in house.unseen(member):
        if type(row).__name__ == "Credential":
            assert client.get(address(type(row), "share", row.pk)).status_code == 404


@pytest.mark.parametrize("member", first_of([*MEMBERS, "operator"], count=2))
def test_view_on_site_leads_nowhere(house: House, member: str) -> None:
    client = house.cast.client(member)
    for row in [*house.rows["other"].values(), *house.rows["root"].values()]:
        kind = ContentType.objects.get_for_model(row)
        assert client.get(f"/admin/r/{kind.pk}/{row.pk}/").status_code == 404
        assert client.get(f"/admin/r/{kind.pk}/not-an-id/").status_code == 404


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_autocomplete_with_any_model_and_field(house: House, member: str) -> None:
    """The address is there whoever uses it: every foreign key of every model can be asked."""
    client, words = house.cast.client(member), house.words(member)
    answered = 0
    for model in MODELS:
        relations = [field for field in model._meta.fields if field.is_relation]
        for field in [*relations, *model._meta.many_to_many, model._meta.pk]:
            ask = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field.name,
                "term": "",
            }
            response = client.get("/admin/autocomplete/", ask)
            assert response.status_code in {200, 403, 404}, ask
            assert traces(response, words) == [], ask
            answered += response.status_code == 200
    assert answered > 10


def test_autocomplete_of_models_that_are_not_there(house: House) -> None:
    client = house.cast.client("root_owner")
    for app, model, field in (
        ("sessions", "session", "session_key"),
        ("admin", "logentry", "user"),
        ("account", "emailaddress", "user"),
        ("no", "such", "thing"),
    ):
        ask = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
        response = client.get("/admin/autocomplete/", ask)
        assert response.status_code in {200, 403, 404}
        assert traces(response, ["globex"]) == []
