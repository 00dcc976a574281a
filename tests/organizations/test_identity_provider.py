"""Sign-in through an identity provider: who comes in, and with which role."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core.checks import run_checks
from django.urls import reverse
from pytest_django import Settings

from organizations import group_roles
from organizations.models import AuditEvent, Membership, User
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast
from tests.organizations.fake_provider import CALLBACK, KNOWN, START, FakeProvider, go, says
from tests.organizations.signing_in import add_totp, is_signed_in, new_browser


def roles(user: User) -> dict[str, tuple[str, bool]]:
    held = Membership.objects.filter(user=user).select_related("organization")
    return {each.organization.slug: (each.role, each.from_identity_provider) for each in held}


def test_a_known_verified_address_comes_in(cast: Cast, provider: FakeProvider) -> None:
    assert "Sign in with Acme SSO" in new_browser().get(reverse("account_login")).content.decode()
    page = reverse("members", args=[cast.root.slug])
    client, answer = go(provider, next=page)
    assert answer["Location"] == page
    assert is_signed_in(client)
    assert cast.root_owner.has_usable_password(), "the password stays"
    event = AuditEvent.objects.get(action="session:started")
    assert event.facts == {"method": "identity provider"}
    for model in (SocialAccount, SocialApp, SocialToken):
        assert not model.objects.exists()


def test_what_is_asked_of_the_provider(cast: Cast, provider: FakeProvider) -> None:
    """PKCE and a nonce, both new each time; nothing from our own address line."""
    asked = []
    for _ in range(2):
        away = new_browser().get(
            START, {"scope": "admin", "auth_params": "nonce=fixed", "process": "connect"}
        )
        asked.append({name: values[0] for name, values in parse_qs(urlsplit(away["Location"]).query).items()})
    first, second = asked
    assert first["code_challenge_method"] == "S256"
    assert set(first["scope"].split()) == {"openid", "profile", "email"}
    assert first["redirect_uri"] == f"http://testserver{CALLBACK}"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 16
        assert first[name] != second[name]


def test_the_second_factor_is_asked_for_all_the_same(cast: Cast, provider: FakeProvider) -> None:
    add_totp(cast.root_owner)
    client, answer = go(provider)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)


def test_a_mapped_group_makes_an_account_without_a_password(cast: Cast, provider: FakeProvider) -> None:
    says(provider, "New.Person@example.com", "ios", "something-else")
    client, _answer = go(provider)
    user = User.objects.get(email="new.person@example.com")
    assert is_signed_in(client)
    assert user.name == "Ann Person"
    assert not user.has_usable_password()
    assert roles(user) == {"acme-games": ("DEVELOPER", True)}
    event = AuditEvent.objects.get(action="member:joined", subject_id=str(user.pk))
    assert (event.actor_label, event.facts["role"]) == ("CredHub", "DEVELOPER")
    assert client.get(reverse("overview", args=["acme-games"])).status_code == 200
    assert client.get(reverse("overview", args=["acme"])).status_code == 404


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "new@example.com", "groups": []},
        {"email": "new@example.com", "groups": ["unmapped"]},
        {"email": "new@example.com", "groups": ["ios"], "email_verified": False},
        {"email": "new@example.com", "groups": ["ios"], "email_verified": "true"},
        {"email": "", "groups": ["ios"]},
        {"email": KNOWN, "email_verified": None},
    ],
    ids=[
        "no-group",
        "unmapped-group",
        "not-verified",
        "verified-as-text",
        "no-address",
        "known-and-not-verified",
    ],
)
def test_who_is_not_invited_does_not_come_in(
    cast: Cast, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    says(provider, "x")
    provider.claims.update(claims)
    count = User.objects.count()
    client, answer = go(provider)
    assert answer["Location"] == reverse("account_login")
    assert "nobody has invited you" in client.get(answer["Location"]).content.decode()
    assert not is_signed_in(client)
    assert User.objects.count() == count
    assert AuditEvent.objects.get(action="sign-in:failed").facts == {"method": "identity provider"}


@pytest.mark.parametrize(
    "address", ["mi\u212ae@example.com", "m\u0131ke@example.com", "mike@example.com\u0130"]
)
def test_a_letter_that_only_looks_like_another_case_is_another_person(db: None, address: str) -> None:
    mike = User.objects.create_user("mike@example.com", None)
    assert group_roles.person_of({"email": address, "email_verified": True}) is None
    assert group_roles.person_of({"email": " Mike@EXAMPLE.com ", "email_verified": True}) == mike


def test_who_is_locked_out_stays_out(cast: Cast, provider: FakeProvider) -> None:
    factories.change(User.objects.filter(email=KNOWN), is_active=False)
    client, answer = go(provider)
    assert answer["Location"] == reverse("account_inactive")
    assert not is_signed_in(client)


def test_roles_follow_the_groups_at_every_sign_in(cast: Cast, provider: FakeProvider) -> None:
    says(provider, "new@example.com", "ios", "leads")
    go(provider)
    user = User.objects.get(email="new@example.com")
    assert roles(user) == {"acme-games": ("ADMIN", True)}, "the highest of the two"
    says(provider, user.email, "ios")
    go(provider)
    assert roles(user) == {"acme-games": ("DEVELOPER", True)}
    says(provider, user.email)
    go(provider)
    assert roles(user) == {}
    actions = AuditEvent.objects.filter(subject_id=str(user.pk), action__startswith="member:")
    assert [each.action for each in actions.order_by("created_at")] == [
        "member:joined", "member:role-changed", "member:removed",
    ]  # fmt: skip


def test_what_was_given_by_hand_stays(cast: Cast, provider: FakeProvider) -> None:
    says(provider, cast.sub_a_developer.email, "leads")
    go(provider)
    assert roles(cast.sub_a_developer) == {"acme-games": ("DEVELOPER", False)}
    says(provider, cast.sub_a_developer.email)
    go(provider)
    assert roles(cast.sub_a_developer) == {"acme-games": ("DEVELOPER", False)}


def test_a_root_keeps_its_last_owner(cast: Cast, provider: FakeProvider) -> None:
    says(provider, "boss@example.com", "owners")
    go(provider)
    boss = User.objects.get(email="boss@example.com")
    Membership.objects.filter(user=cast.root_owner, organization=cast.root).delete()
    says(provider, boss.email)
    go(provider)
    assert roles(boss) == {"acme": ("OWNER", True)}
    factories.join(cast.root_owner, cast.root, Role.OWNER)
    go(provider)
    assert roles(boss) == {}


def test_an_archived_organization_takes_nobody_in(cast: Cast, provider: FakeProvider) -> None:
    cast.sub_a.archive(cast.actor("root_owner"))
    says(provider, "new@example.com", "ios")
    client, _answer = go(provider)
    assert not is_signed_in(client)


def test_a_provider_in_the_database_is_no_provider(
    cast: Cast, provider: FakeProvider, settings: Settings
) -> None:
    SocialApp.objects.create(
        provider="openid_connect", provider_id="oidc", client_id="x", settings={"server_url": provider.url}
    )
    settings.OIDC_ISSUER = ""
    assert new_browser().get(START).status_code == new_browser().get(CALLBACK).status_code == 404
    assert provider.asked == []


def test_an_account_that_was_linked_in_the_database_opens_nothing(cast: Cast, provider: FakeProvider) -> None:
    SocialAccount.objects.create(user=cast.root_owner, provider="oidc", uid="one")
    says(provider, "thief@example.com")
    client, _answer = go(provider)
    assert not is_signed_in(client)


def test_a_first_factor_takes_a_recent_sign_in(cast: Cast, provider: FakeProvider) -> None:
    """Who has no password here is asked nothing by allauth."""
    says(provider, "new@example.com", "ios")
    client, _answer = go(provider)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 301
    session.save()
    for page in ("mfa_activate_totp", "mfa_add_webauthn"):
        answer = client.get(reverse(page))
        assert answer["Location"] == f"{reverse('account_login')}?next={reverse(page)}"
    assert not is_signed_in(client)


@pytest.mark.parametrize("text", ["ios", "ios=acme", "ios=acme:KING", "=acme:OWNER", "a=b:OWNER,c"])
def test_a_mapping_that_cannot_be_read_is_told_at_start(settings: Settings, text: str) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = (
        "https://idp.example",
        "a",
        "b",
    )
    settings.OIDC_GROUP_ROLES = text
    assert [each.id for each in run_checks() if each.id == "credhub.E003"] == ["credhub.E003"]
    with pytest.raises(ValueError, match="is not group=organization-slug:ROLE"):
        group_roles.parse(text)


def test_an_issuer_without_tls_or_client_is_told_at_start(settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://idp.example"
    assert len([each for each in run_checks() if each.id == "credhub.E003"]) == 2
