"""A role at a root counts in its sub-organizations too; a role in a sub-organization counts nowhere else."""

import pytest

from organizations.actors import SYSTEM, Actor
from organizations.models import Organization
from organizations.permissions import Permission, Role
from tests import factories
from tests.conftest import Cast

NONE: set[str] = set()
# Member → the organizations whose members they may manage, and those they see at all
REACH = {
    "root_owner": ({"Acme", "Acme Games", "Acme Travel"}, {"Acme", "Acme Games", "Acme Travel"}),
    "root_viewer": (NONE, {"Acme", "Acme Games", "Acme Travel"}),
    "sub_a_admin": ({"Acme Games"}, {"Acme Games"}),
    "sub_a_developer": (NONE, {"Acme Games"}),
    "sub_b_developer": (NONE, {"Acme Travel"}),
    "outsider": ({"Globex"}, {"Globex"}),
    "operator": ({"Acme", "Acme Games", "Acme Travel", "Globex"}, {"Acme", "Acme Games", "Acme Travel", "Globex"}),
}  # fmt: skip


def names(actor: Actor, permission: Permission) -> set[str]:
    return {each.name for each in actor.organizations(permission)}


@pytest.mark.parametrize("member", REACH)
def test_reach(cast: Cast, member: str) -> None:
    """The same through the list of organizations, the check of one, and the choke point."""
    actor = cast.actor(member)
    for permission, expected in zip(
        (Permission.MEMBER_MANAGE, Permission.ORGANIZATION_VIEW), REACH[member], strict=True
    ):
        assert names(actor, permission) == expected
        assert {each.name for each in Organization.objects.for_actor(actor, permission)} == expected
        assert {each.name for each in Organization.objects.all() if actor.can(permission, each)} == expected
        assert actor.can_anywhere(permission) == bool(expected)


def test_nobody_reaches_nothing(cast: Cast) -> None:
    nobody = Actor()
    for permission in Permission:
        assert not nobody.organizations(permission).exists()
        assert not nobody.can(permission, cast.root)
        assert not nobody.can_anywhere(permission)


def test_the_stronger_of_two_roles_counts(cast: Cast) -> None:
    """A viewer of the root who is an admin of one sub-organization."""
    factories.join(cast.root_viewer, cast.sub_a, Role.ADMIN)
    actor = cast.actor("root_viewer")
    assert actor.highest_role(cast.root) == Role.VIEWER
    assert actor.highest_role(cast.sub_a) == Role.ADMIN
    assert actor.highest_role(cast.sub_b) == Role.VIEWER
    assert names(actor, Permission.MEMBER_MANAGE) == {"Acme Games"}


def test_a_weaker_role_below_takes_nothing_away(cast: Cast) -> None:
    factories.join(cast.root_owner, cast.sub_a, Role.VIEWER)
    assert cast.actor("root_owner").highest_role(cast.sub_a) == Role.OWNER


def test_sub_organizations_made_later_are_reached_too(cast: Cast) -> None:
    cast.root.create_sub_organization(SYSTEM, "Acme Health")
    assert "Acme Health" in names(cast.actor("root_viewer"), Permission.CREDENTIAL_VIEW)
    assert "Acme Health" not in names(cast.actor("sub_a_admin"), Permission.CREDENTIAL_VIEW)


@pytest.mark.parametrize("member", ["root_owner", "sub_a_admin", "operator"])
def test_who_is_locked_out_reaches_nothing(cast: Cast, member: str) -> None:
    user = getattr(cast, member)
    user.is_active = False
    user.save()
    actor = Actor(user=user)
    for permission in Permission:
        assert not actor.organizations(permission).exists()
        assert not actor.can(permission, cast.sub_a)


@pytest.mark.parametrize("member", ["root_owner", "operator"])
def test_an_archived_root_takes_its_sub_organizations_along(cast: Cast, member: str) -> None:
    cast.root.archive(SYSTEM)
    reached = names(cast.actor(member), Permission.ORGANIZATION_VIEW)
    assert not reached & {"Acme", "Acme Games", "Acme Travel"}


def test_members_of_a_sub_organization_lose_it_with_its_root(cast: Cast) -> None:
    cast.root.archive(SYSTEM)
    assert names(cast.actor("sub_a_admin"), Permission.ORGANIZATION_VIEW) == set()


def test_an_operator_uses_and_reveals_nothing_without_a_membership(cast: Cast) -> None:
    actor = cast.actor("operator")
    for permission in (Permission.CREDENTIAL_REVEAL, Permission.CREDENTIAL_USE):
        assert not actor.can(permission, cast.root)
        assert names(actor, permission) == set()
    factories.join(cast.operator, cast.root, Role.OWNER)
    member = Actor(user=cast.operator)
    assert names(member, Permission.CREDENTIAL_REVEAL) == {"Acme", "Acme Games", "Acme Travel"}
