"""Fresh authentication: minutes ago, and with the strongest thing that the account has."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.test import Client
from django.urls import reverse

from organizations.fresh import fresh_authentication_required, is_fresh
from organizations.models import User
from organizations.second_factors import AlteredSecondFactorError
from tests.conftest import Cast
from tests.organizations.signing_in import (
    add_totp,
    authenticated,
    code_of,
    new_browser,
    recovery_codes,
    request_of,
    sign_in,
)

PASSWORD = {"method": "password"}


def record_of(user: User, kind: str) -> dict[str, Any]:
    return {"method": "mfa", "type": kind, "id": Authenticator.objects.get(user=user, type=kind).pk}


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client("root_owner")


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(messages, "warning", lambda _request, text: found.append(text))
    return found


@pytest.mark.parametrize(("ago", "fresh"), [(0, True), (299, True), (301, False), (-60, False)])
def test_a_password_counts_for_five_minutes(client: Client, ago: float, fresh: bool) -> None:
    """A time in the future is no recent one."""
    authenticated(client, PASSWORD, ago=ago)
    assert is_fresh(request_of(client)) is fresh


def test_a_session_without_a_record_is_not_fresh(client: Client) -> None:
    assert not is_fresh(request_of(client))


def test_with_a_second_factor_the_password_is_not_enough(cast: Cast, client: Client) -> None:
    add_totp(cast.root_owner)
    authenticated(client, PASSWORD)
    assert not is_fresh(request_of(client))
    authenticated(client, record_of(cast.root_owner, "totp"), PASSWORD)
    assert is_fresh(request_of(client))
    authenticated(client, record_of(cast.root_owner, "totp"), ago=301)
    assert not is_fresh(request_of(client))


def test_a_recovery_code_signs_in_and_is_never_fresh(cast: Cast, client: Client, said: list[str]) -> None:
    add_totp(cast.root_owner)
    authenticated(client, PASSWORD, record_of(cast.root_owner, "recovery_codes"))
    assert not is_fresh(request_of(client))
    assert fresh_authentication_required(request_of(client))
    assert said == ["A recovery code does not open secrets. Use your authenticator app or passkey."]


def test_a_factor_that_was_removed_meanwhile_does_not_count(cast: Cast, client: Client) -> None:
    add_totp(cast.root_owner)
    authenticated(client, record_of(cast.root_owner, "totp"))
    Authenticator.objects.filter(user=cast.root_owner, type="totp").delete()
    add_totp(cast.root_owner)
    assert not is_fresh(request_of(client))


def test_somebody_elses_record_does_not_count(cast: Cast, client: Client) -> None:
    authenticated(client, PASSWORD)
    session = client.session
    session["account_authentication_methods_user"] = str(cast.outsider.pk)
    session.save()
    assert not is_fresh(request_of(client))


def test_where_a_second_factor_is_required_a_password_is_never_fresh(
    cast: Cast, client: Client, said: list[str]
) -> None:
    cast.root.requires_second_factor = True
    cast.root.save()
    authenticated(client, PASSWORD)
    cast.sub_a.refresh_from_db()
    assert is_fresh(request_of(client))
    assert is_fresh(request_of(client), cast.other)
    for organization in (cast.root, cast.sub_a):
        assert not is_fresh(request_of(client), organization)
    answer = fresh_authentication_required(request_of(client), cast.sub_a)
    assert answer is not None
    assert answer["Location"] == reverse("mfa_index")
    assert said == ["Set up a second factor first: an authenticator app or a passkey."]

    add_totp(cast.root_owner)
    authenticated(client, record_of(cast.root_owner, "totp"))
    assert is_fresh(request_of(client), cast.sub_a)


def test_a_factor_that_was_tampered_with_is_refused(cast: Cast, client: Client) -> None:
    add_totp(cast.root_owner)
    authenticated(client, record_of(cast.root_owner, "totp"))
    row = Authenticator.objects.get(user=cast.root_owner, type="totp")
    row.data["secret"] = "x"
    row.save()
    with pytest.raises(AlteredSecondFactorError):
        is_fresh(request_of(client))


def test_the_way_to_the_right_page_and_back(cast: Cast, client: Client) -> None:
    page = reverse("members", args=[cast.root.slug])
    answer = fresh_authentication_required(request_of(client, page))
    assert answer is not None
    assert answer["Location"] == f"{reverse('account_reauthenticate')}?next={page.replace('/', '%2F')}"

    add_totp(cast.root_owner)
    answer = fresh_authentication_required(request_of(client, "/posted/", "post"), back_to=page)
    assert answer is not None
    assert answer["Location"] == f"{reverse('mfa_reauthenticate')}?next={page.replace('/', '%2F')}"
    authenticated(client, record_of(cast.root_owner, "totp"))
    assert fresh_authentication_required(request_of(client, page)) is None


@pytest.mark.parametrize(
    "back_to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:go()", ""]
)
def test_it_leads_back_to_a_page_of_ours_alone(client: Client, back_to: str) -> None:
    answer = fresh_authentication_required(request_of(client, "/posted/", "post"), back_to=back_to)
    assert answer is not None
    assert answer["Location"].endswith("?next=%2F")


def test_a_real_sign_in_is_fresh(cast: Cast) -> None:
    client, secret = new_browser(), add_totp(cast.root_owner)
    sign_in(client, cast.root_owner.email)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_fresh(request_of(client))


def test_a_real_sign_in_with_a_recovery_code_is_not(cast: Cast) -> None:
    client = new_browser()
    add_totp(cast.root_owner)
    sign_in(client, cast.root_owner.email)
    client.post(reverse("mfa_authenticate"), {"code": recovery_codes(cast.root_owner)[0]})
    assert not is_fresh(request_of(client))
