"""What the admin knows at all."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group

from organizations.admin_base import TenantAdmin
from tests.admin.furniture import MODELS, House

OURS = {"organizations", "credentials", "appstore"}
WITHOUT_A_TENANT = {"credentials.Deployment", "credentials.SystemKey", "organizations.AuditHead",
                    "organizations.Allowance", "organizations.EarlierSecret", "organizations.KeptAnswer",
                    "organizations.UsedAssertion",
                    "appstore.Breaker",
                    "appstore.SyncPage", "appstore.SyncTurn"}  # fmt: skip


def test_every_model_of_ours_is_there() -> None:
    ours = {model for model in apps.get_models() if model._meta.app_label in OURS}
    missing = {model._meta.label for model in ours - set(MODELS)}
    assert missing == WITHOUT_A_TENANT


def test_nothing_is_there_but_through_tenant_admin() -> None:
    assert [model for model in MODELS if not isinstance(admin.site._registry[model], TenantAdmin)] == []


@pytest.mark.parametrize("admin_class", [None, admin.ModelAdmin])
def test_what_others_register_stays_outside(admin_class: type | None) -> None:
    """Group is Django's; allauth's e-mail addresses sign in as somebody, and would be written on no record."""
    admin.site.register(Group, admin_class)
    assert not admin.site.is_registered(Group)


def test_operators_find_no_page_of_them(house: House) -> None:
    client = house.cast.client("operator")
    for model in ("account/emailaddress", "auth/group", "mfa/authenticator", "usersessions/usersession",
                  "socialaccount/socialapp", "socialaccount/socialaccount", "socialaccount/socialtoken"):  # fmt: skip
        for page in ("", "add/"):
            assert client.get(f"/admin/{model}/{page}").status_code == 404


def test_these_tests_have_a_row_of_every_model(house: House) -> None:
    """A new model is looked for in vain in all of tests/admin until `furnish` makes a row of it."""
    for owner in ("root", "other"):
        assert {model._meta.label for model in MODELS} == {each._meta.label for each in house.rows[owner]}
