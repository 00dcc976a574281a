"""Nobody writes another tenant's rows in the admin, nor any row that is written elsewhere, and nothing is deleted."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model

from credentials.models import Credential
from organizations.admin_base import TenantAdmin
from organizations.models import AuditEvent, Organization, User
from tests.access.answers import database
from tests.admin.furniture import MODELS, House, address, traces
from tests.thoroughness import first_of

MEMBERS = ["root_owner", "sub_a_admin", "outsider", "operator"]
WRITABLE = {Organization, User, Credential}


def everything(row: Model, house: House) -> dict[str, str]:
    """A value for each field of the model, foreign keys of the other tenant first."""
    foreign = house.rows["other"]
    data = {"_save": "Save", "name": "Taken over", "is_superuser": "on", "is_staff": "on", "role": "OWNER"}
    for field in row._meta.fields:
        if field.is_relation and field.related_model in foreign:
            data[field.name] = str(foreign[field.related_model].pk)
        elif field.name not in data:
            data[field.name] = "1"
    return data


def test_which_models_are_written_here_at_all() -> None:
    writable = {model for model in MODELS if getattr(admin.site._registry[model], "manage_permission", None)}
    overridden = {
        model
        for model in MODELS
        if type(admin.site._registry[model]).has_change_permission is not TenantAdmin.has_change_permission
    }
    assert writable | overridden == WRITABLE


@pytest.mark.parametrize("member", first_of(["root_owner", "sub_a_admin", "outsider"], count=2))
def test_a_post_to_a_foreign_row_writes_nothing(house: House, member: str) -> None:
    client, before = house.cast.client(member), database()
    for row in house.unseen(member):
        for page in ("change", "history"):
            response = client.post(address(type(row), page, row.pk), everything(row, house) | {"post": "yes"})
            assert response.status_code in {302, 403}, (row, page)
            assert response.get("Location", "/admin/") == "/admin/"
    assert database() == before


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_mirrors_runs_shares_members_and_events_are_read_only(house: House, member: str) -> None:
    client, before = house.cast.client(member), database()
    for owner in ("root", "sub_a"):
        for model, row in house.rows[owner].items():
            if model not in WRITABLE:
                response = client.post(address(model, "change", row.pk), everything(row, house))
                assert response.status_code in {302, 403}, (member, row)
                assert response.get("Location", "/admin/") == "/admin/"
    assert database() == before


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_nothing_is_deleted_by_anybody(house: House, member: str) -> None:
    client, before = house.cast.client(member), database()
    for model, row in house.rows["root"].items():
        assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        client.post(
            address(model), {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
        )
    assert database() == before


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_rows_are_added_by_their_own_ways_only(house: House, member: str) -> None:
    client, before = house.cast.client(member), database()
    for model in MODELS:
        if model.__name__ in {"Organization", "AppStoreConnectKey"}:
            continue  # test_admin_organizations.py, test_admin_adding_keys.py
        row = house.rows["root"][model]
        assert client.get(address(model, "add")).status_code == 403
        assert client.post(address(model, "add"), everything(row, house)).status_code == 403
    assert database() == before


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
def test_a_change_page_writes_the_name_and_nothing_else(house: House, member: str) -> None:
    """Every other field is posted too: organization, secret, sharing, status, created_by, role, is_superuser."""
    credential = house.rows["root"][Credential]
    stored = Credential.objects.filter(pk=credential.pk).values()[0]
    house.cast.client(member).post(
        address(Credential, "change", credential.pk), everything(credential, house)
    )
    now = Credential.objects.filter(pk=credential.pk).values()[0]
    renamed = {"name": "Taken over"} if member in {"root_owner", "operator"} else {}
    assert now == stored | renamed


def test_an_operator_locks_out_and_makes_no_operators(house: House) -> None:
    person = house.cast.sub_a_admin
    stored = User.objects.filter(pk=person.pk).values()[0]
    data = {"is_superuser": "on", "is_staff": "on", "password": "x", "email": "x@example.com", "name": "X"}
    house.cast.client("operator").post(address(User, "change", person.pk), data)
    assert User.objects.filter(pk=person.pk).values()[0] == stored | {"name": "X", "is_active": False}


@pytest.mark.parametrize("member", first_of(["root_owner", "sub_a_admin", "outsider"], count=2))
def test_choices_of_foreign_keys_come_from_the_choke_point(house: House, member: str) -> None:
    """Whatever field a form may show one day: its drop-down is what a POST is checked against."""
    client = house.cast.client(member)
    request = client.get("/admin/").wsgi_request
    unseen = {row.pk for row in house.unseen(member)}
    for model in MODELS:
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            if field.is_relation:
                choices = admin.site._registry[model].get_field_queryset(None, field, request)
                assert choices is not None
                assert not unseen & set(choices.values_list("pk", flat=True)), field


def test_django_keeps_no_second_history(house: House) -> None:
    client = house.cast.client("root_owner")
    credential = house.rows["root"][Credential]
    client.post(address(Credential, "change", credential.pk), {"name": "Renamed"})
    client.post(address(Organization, "change", house.cast.sub_a.pk), {"name": "Renamed too"})
    assert AuditEvent.objects.filter(action__endswith=":renamed").count() == 2
    assert LogEntry.objects.count() == 0
    assert traces(client.get(address(Credential, "history", credential.pk)), ["globex"]) == []
