"""Accepting: with the account one has, or with a new one; in nobody else's name."""

import pytest
from django.test import Client
from django.urls import reverse

from organizations.actors import SYSTEM
from organizations.forms import NewAccountForm
from organizations.models import AuditEvent, Invitation, Membership, User
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast
from tests.organizations.invitations import ACCOUNT, link, post_invite


def role_of(user: User, slug: str) -> str:
    return Membership.objects.get(user=user, organization__slug=slug).role


def test_a_stranger_makes_an_account_and_is_in(cast: Cast) -> None:
    client = Client()
    answer = client.post(link(cast.sub_a, "New@Example.com"), ACCOUNT)
    assert answer["Location"] == "/o/acme-games/"
    assert client.get(answer["Location"]).status_code == 200
    user = User.objects.get(email="new@example.com")
    assert (user.name, user.is_superuser, user.is_staff) == ("New Person", False, False)
    assert role_of(user, "acme-games") == Role.DEVELOPER
    event = AuditEvent.objects.get(action="member:joined")
    assert (event.actor_label, event.organization, event.facts["role"]) == (
        "new@example.com", cast.sub_a, "DEVELOPER",
    )  # fmt: skip


def test_a_new_account_is_for_the_invited_address(cast: Cast) -> None:
    Client().post(
        link(cast.sub_a), {**ACCOUNT, "email": "other@example.com", "is_superuser": "on", "role": "OWNER"}
    )
    assert not User.objects.filter(email="other@example.com").exists()
    user = User.objects.get(email="new@example.com")
    assert not user.is_superuser
    assert role_of(user, "acme-games") == Role.DEVELOPER


@pytest.mark.parametrize(
    "password", ["", "short", "password1234", "192837465564738291", "new@example.com", "new person new"]
)
def test_a_weak_password_is_refused(cast: Cast, password: str) -> None:
    path = link(cast.sub_a)
    answer = Client().post(path, {"name": "New Person", "password": password})
    assert answer.context["form"].errors.keys() == {"password"}
    assert f'value="{password}"' not in answer.content.decode()
    assert not User.objects.filter(email="new@example.com").exists()
    assert Client().post(path, ACCOUNT).status_code == 302, "the link still works"


def test_somebody_with_an_account_signs_in_to_it_first(cast: Cast) -> None:
    path = link(cast.sub_a, cast.sub_b_developer.email.upper())
    for answer in (Client().get(path), Client().post(path, ACCOUNT)):
        assert answer["Location"] == f"{reverse('account_login')}?next={path}"
    client = Client()
    signed_in = client.post(
        f"{reverse('account_login')}?next={path}",
        {"login": cast.sub_b_developer.email, "password": factories.PASSWORD},
    )
    assert signed_in["Location"] == path
    assert client.post(path)["Location"] == "/o/acme-games/"
    assert role_of(cast.sub_b_developer, "acme-games") == Role.DEVELOPER


def test_a_page_alone_accepts_nothing(cast: Cast) -> None:
    """A link that is opened by a mail scanner or in advance changes nothing."""
    path = link(cast.sub_a, cast.sub_b_developer.email)
    assert cast.client("sub_b_developer").get(path).status_code == 200
    assert not cast.sub_b_developer.memberships.filter(organization=cast.sub_a).exists()


def test_an_invitation_of_another_account(cast: Cast) -> None:
    """Says so, joins nobody, and signs out to go on as the one who is meant."""
    path = link(cast.sub_a, cast.sub_b_developer.email)
    client = cast.client("outsider")
    assert "This invitation is for sub.b.developer@example.com" in client.get(path).content.decode()
    assert client.post(path)["Location"] == path
    assert "_auth_user_id" not in client.session
    assert not Membership.objects.filter(organization=cast.sub_a, user=cast.outsider).exists()
    assert not Membership.objects.filter(organization=cast.sub_a, user=cast.sub_b_developer).exists()


@pytest.mark.parametrize(("invited_as", "becomes"), [
    (Role.VIEWER, Role.ADMIN), (Role.ADMIN, Role.ADMIN), (Role.OWNER, Role.OWNER),
])  # fmt: skip
def test_a_member_keeps_the_higher_role(cast: Cast, invited_as: Role, becomes: Role) -> None:
    path = link(cast.sub_a, cast.sub_a_admin.email, invited_as)
    cast.client("sub_a_admin").post(path)
    assert role_of(cast.sub_a_admin, "acme-games") == becomes
    assert cast.sub_a_admin.memberships.count() == 1


@pytest.mark.parametrize("email", ["sub.a.developer@example.com", "SUB.A.Developer@Example.com"])
def test_who_is_a_member_already_is_not_invited(cast: Cast, email: str) -> None:
    answer = post_invite(cast.client("sub_a_admin"), cast.sub_a, email)
    assert answer.status_code == 400
    assert "This person is a member already." in answer.content.decode()


def test_an_account_that_is_locked_out_stays_out(cast: Cast) -> None:
    path = link(cast.sub_a, cast.sub_b_developer.email)
    factories.change(User.objects.filter(pk=cast.sub_b_developer.pk), is_active=False)
    assert Client().post(path, ACCOUNT)["Location"].startswith(reverse("account_login"))
    assert User.objects.filter(email__iexact=cast.sub_b_developer.email).count() == 1
    assert not Membership.objects.filter(organization=cast.sub_a, user=cast.sub_b_developer).exists()


@pytest.mark.parametrize("moment", ["taken back", "accepted"])
def test_a_link_that_ends_while_its_form_is_sent(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """No account comes of it, and nobody is signed in."""
    path = link(cast.sub_a)
    invitation = Invitation.objects.get()
    validate = NewAccountForm.is_valid

    def end_it_and_validate(form: NewAccountForm) -> bool:
        if moment == "accepted":
            invitation.accept(SYSTEM, factories.make_user("new@example.com"))
        else:
            invitation.revoke(SYSTEM)
        return validate(form)

    monkeypatch.setattr(NewAccountForm, "is_valid", end_it_and_validate)
    client = Client()
    answer = client.post(path, ACCOUNT)
    assert answer.status_code == 404
    assert "_auth_user_id" not in client.session
    assert User.objects.filter(email="new@example.com").count() == (moment == "accepted")


def test_the_first_sign_in_is_on_record_too(cast: Cast) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.post(link(cast.sub_a), ACCOUNT)
    event = AuditEvent.objects.get(action="session:started")
    assert (event.actor_label, event.address) == ("new@example.com", "192.0.2.7")
