"""What the address line of a list may ask: the page's own filters. Anything else would be an oracle."""

from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponse

from appstore.models import DeveloperTeam, Profile
from credentials.models import Credential
from organizations.models import AuditEvent, Invitation, Organization, User
from tests.admin.furniture import MODELS, House, address, traces
from tests.thoroughness import first_of

MEMBERS = ["root_owner", "sub_a_admin", "outsider", "operator"]


def ask(house: House, member: str, model: Any, **query: Any) -> HttpResponse:
    return house.cast.client(member).get(address(model), query)


@pytest.mark.parametrize("member", first_of(MEMBERS, count=2))
@pytest.mark.parametrize("how", ["startswith", "exact", "regex", "gt", "isnull"])
def test_no_password_hash_is_told_letter_by_letter(house: House, member: str, how: str) -> None:
    hashed = house.cast.root_owner.password
    assert ask(house, member, User, **{f"password__{how}": hashed[:8]}).status_code == 400


@pytest.mark.parametrize("member", ["root_owner", "operator"])
def test_no_invitation_token_is_told_either(house: House, member: str) -> None:
    assert ask(house, member, Invitation, token_hash__startswith="a").status_code == 400


def test_only_fields_of_the_pages_filters_can_be_asked(house: House) -> None:
    """Every column of every model, with a look-up that would tell of its value."""
    request = house.cast.client("root_owner").get("/admin/").wsgi_request
    told = {
        f"{model.__name__}.{field.name}"
        for model in MODELS
        for field in model._meta.get_fields()
        if admin.site._registry[model].lookup_allowed(f"{field.name}__startswith", "x", request)
    }
    assert told == {
        "Organization.parent", "User.is_active", "Membership.role", "Membership.organization", "Invitation.role",
        "Invitation.organization", "ApiToken.organization", "TrustPolicy.organization",
        "AuditEvent.action", "AuditEvent.organization",
        "AuditEvent.created_at",
        "Credential.status", "Credential.organization", "Share.organization", "AppStoreConnectKey.key_type",
        "AppStoreConnectKey.health", "DeveloperTeam.program", "DeveloperTeam.organization",
        "Certificate.certificate_type", "Certificate.team", "Certificate.expiration_date", "Profile.profile_type",
        "Profile.profile_state", "Profile.team", "Profile.expiration_date", "BundleId.platform", "BundleId.team",
        "Device.device_class", "Device.status", "Device.team", "SyncRun.state", "SyncRun.kind", "SyncRun.trigger",
        "DeviceRequest.state", "App.platform", "App.policy", "Webhook.organization", "WebhookDelivery.state",
    }  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "organization__name__startswith=G", "organization__parent__name=Globex", "credential__organization__name=x",
        "credential__organization__name__startswith=G", "team__organization__name__startswith=G",
        "created_by__password__startswith=m", "invited_by__password__startswith=m", "user__password__startswith=m",
        "memberships__role=OWNER", "organization__memberships__user__password__startswith=m", "team__name__contains=g",
        "team__keys__credential__name__startswith=r", "parent__slug__startswith=a", "_to_field=password",
    ],
)  # fmt: skip
def test_no_look_up_crosses_into_other_rows(house: House, query: str) -> None:
    client, words = house.cast.client("sub_a_admin"), house.words("sub_a_admin")
    for model in (AuditEvent, Credential, DeveloperTeam, Organization, Profile):
        response = client.get(f"{address(model)}?{query}")
        assert response.status_code == 400, f"{address(model)}?{query}"
        assert traces(response, words) == []


@pytest.mark.parametrize("member", ["root_owner", "sub_a_admin"])
def test_a_forged_filter_shows_no_foreign_row(house: House, member: str) -> None:
    client, words = house.cast.client(member), house.words(member)
    foreign = house.rows["other"]
    for model in MODELS:
        for field, pk in (("organization", house.cast.other.pk), ("parent", house.cast.other.pk)):
            response = client.get(f"{address(model)}?{field}__id__exact={pk}")
            assert response.status_code in {200, 302, 400, 403}
            assert traces(response, words) == []
        team = foreign[next(each for each in foreign if each.__name__ == "DeveloperTeam")]
        assert traces(client.get(f"{address(model)}?team__id__exact={team.pk}"), words) == []


@pytest.mark.parametrize(
    "query",
    [
        "created_at__year=abc", "created_at__year=99999", "created_at__year=0",
        "created_at__year=2026&created_at__month=77",
        "created_at__gte=now", "p=-1", "p=99999999999999999999", "p=x", "o=99.-4.x", "o=--1", "all=x", "e=1",
        "q=%00", "q=" + "a+" * 1500, "q=%22%27%5B%28", "organization__id__exact=x", "action__exact=%00",
        "organization__isnull=x", "_facets=x", "nothing=1", "__class__=1", "pk=1", "id__in=x",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_no_fault_of_ours(house: House, query: str) -> None:
    response = house.cast.client("root_owner").get(f"{address(AuditEvent)}?{query}", follow=True)
    assert response.status_code in {200, 400}


def test_a_search_of_a_thousand_words_is_cut_in_autocomplete_too(house: House) -> None:
    ask_for = {"app_label": "organizations", "model_name": "membership", "field_name": "user"}
    for term in ("a " * 1500, "\x00"):
        response = house.cast.client("root_owner").get("/admin/autocomplete/", {**ask_for, "term": term})
        assert response.status_code == 200
