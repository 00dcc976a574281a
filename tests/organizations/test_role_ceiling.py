"""Nobody grants, changes or takes away a role above their own: not by form and not by model."""

import pytest
from django.core import mail
from django.urls import reverse

from organizations.actors import Actor
from organizations.models import Invitation, Membership, RoleAboveOwnError
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast

SUB_A = "acme-games"


@pytest.fixture
def sub_owner(cast: Cast) -> Membership:
    return factories.join(factories.make_user("sub.owner@example.com"), cast.sub_a, Role.OWNER)


@pytest.fixture
def viewer(cast: Cast) -> Membership:
    return factories.join(factories.make_user("sub.viewer@example.com"), cast.sub_a, Role.VIEWER)


def role_of(membership: Membership) -> str:
    return Membership.objects.get(pk=membership.pk).role


# (actor, the role held, the role to be) → allowed; in sub A
CHANGES = [
    ("root_owner", Role.OWNER, Role.VIEWER, True),
    ("root_owner", Role.VIEWER, Role.OWNER, True),
    ("operator", Role.OWNER, Role.VIEWER, True),
    ("operator", Role.VIEWER, Role.OWNER, True),
    ("sub_a_admin", Role.VIEWER, Role.DEVELOPER, True),
    ("sub_a_admin", Role.VIEWER, Role.ADMIN, True),
    ("sub_a_admin", Role.ADMIN, Role.VIEWER, True),
    ("sub_a_admin", Role.VIEWER, Role.OWNER, False),
    ("sub_a_admin", Role.ADMIN, Role.OWNER, False),
    ("sub_a_admin", Role.OWNER, Role.ADMIN, False),
    ("sub_a_admin", Role.OWNER, Role.OWNER, False),
    ("root_viewer", Role.VIEWER, Role.DEVELOPER, False),
    ("sub_b_developer", Role.VIEWER, Role.VIEWER, False),
    ("outsider", Role.VIEWER, Role.DEVELOPER, False),
]


@pytest.mark.parametrize(("actor", "held", "wanted", "allowed"), CHANGES)
def test_changing_roles(
    cast: Cast, viewer: Membership, actor: str, held: Role, wanted: Role, allowed: bool
) -> None:
    factories.change(Membership.objects.filter(pk=viewer.pk), role=held)
    if allowed:
        viewer.change_role(cast.actor(actor), wanted)
    else:
        with pytest.raises(RoleAboveOwnError):
            viewer.change_role(cast.actor(actor), wanted)
    assert role_of(viewer) == (wanted if allowed else held)


@pytest.mark.parametrize(("actor", "held", "allowed"), [
    ("root_owner", Role.OWNER, True),
    ("sub_a_admin", Role.ADMIN, True),
    ("sub_a_admin", Role.VIEWER, True),
    ("sub_a_admin", Role.OWNER, False),
    ("sub_a_developer", Role.ADMIN, False),
    ("outsider", Role.VIEWER, False),
])  # fmt: skip
def test_removing_members(cast: Cast, viewer: Membership, actor: str, held: Role, allowed: bool) -> None:
    factories.change(Membership.objects.filter(pk=viewer.pk), role=held)
    if allowed:
        viewer.remove(cast.actor(actor))
    else:
        with pytest.raises(RoleAboveOwnError):
            viewer.remove(cast.actor(actor))
    assert Membership.objects.filter(pk=viewer.pk).exists() is not allowed


def test_nobody_makes_themselves_more_than_they_are(cast: Cast) -> None:
    own = Membership.objects.get(user=cast.sub_a_admin)
    with pytest.raises(RoleAboveOwnError):
        own.change_role(cast.actor("sub_a_admin"), Role.OWNER)
    own.change_role(cast.actor("sub_a_admin"), Role.VIEWER)
    with pytest.raises(RoleAboveOwnError):
        own.change_role(Actor(user=cast.sub_a_admin), Role.ADMIN)


@pytest.mark.parametrize("actor", ["sub_a_admin", "sub_b_developer", "outsider"])
def test_inviting_above_oneself(cast: Cast, actor: str) -> None:
    with pytest.raises(RoleAboveOwnError):
        Invitation.send(
            cast.actor(actor),
            cast.sub_a,
            email="x@example.com",
            role=Role.OWNER,
            link_for=lambda token: token,
        )
    assert not Invitation.objects.exists()
    assert mail.outbox == []


# The same at the pages


def test_the_page_makes_no_owner_for_an_admin(cast: Cast, viewer: Membership) -> None:
    address = reverse("change-role", args=[SUB_A, viewer.pk])
    answer = cast.client("sub_a_admin").post(address, {"role": "OWNER"}, follow=True)
    assert "You cannot grant, change or remove a role above your own." in answer.content.decode()
    assert role_of(viewer) == Role.VIEWER


@pytest.mark.parametrize(("route", "data"), [("remove-member", {}), ("change-role", {"role": "VIEWER"})])
def test_the_page_takes_no_owner_away_for_an_admin(
    cast: Cast, sub_owner: Membership, route: str, data: dict[str, str]
) -> None:
    address = reverse(route, args=[SUB_A, sub_owner.pk])
    answer = cast.client("sub_a_admin").post(address, data, follow=True)
    assert "above your own" in answer.content.decode()
    assert role_of(sub_owner) == Role.OWNER


@pytest.mark.parametrize(("actor", "offered"), [
    ("sub_a_admin", ["ADMIN", "DEVELOPER", "VIEWER"]), ("root_owner", ["OWNER", "ADMIN", "DEVELOPER", "VIEWER"]),
])  # fmt: skip
def test_the_invitation_form_offers_what_may_be_granted(cast: Cast, actor: str, offered: list[str]) -> None:
    form = cast.client(actor).get(reverse("members", args=[SUB_A])).context["form"]
    assert [value for value, _label in form.fields["role"].choices] == offered


@pytest.mark.parametrize("role", ["OWNER", "KING", ""])
def test_the_invitation_form_takes_no_other_role(cast: Cast, role: str) -> None:
    answer = cast.client("sub_a_admin").post(
        reverse("invite", args=[SUB_A]), {"email": "x@example.com", "role": role}
    )
    assert answer.status_code == 400
    assert not Invitation.objects.exists()


def test_a_role_that_there_is_not(cast: Cast, viewer: Membership) -> None:
    address = reverse("change-role", args=[SUB_A, viewer.pk])
    answer = cast.client("root_owner").post(address, {"role": "KING"}, follow=True)
    assert "Choose one of the roles in the list." in answer.content.decode()
    assert role_of(viewer) == Role.VIEWER
