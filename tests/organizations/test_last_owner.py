"""A root organization keeps at least one active owner."""

import pytest
from django.test import Client
from django.urls import reverse

from organizations.actors import SYSTEM, Actor
from organizations.models import AuditEvent, LastOwnerError, Membership, Organization, RoleAboveOwnError, User
from organizations.permissions import Role
from tests import factories
from tests.appstore.side_by_side import side_by_side
from tests.conftest import Cast


def membership(user: User, organization: Organization) -> Membership:
    return Membership.objects.get(user=user, organization=organization)


def owners(organization: Organization) -> int:
    return organization.memberships.filter(role=Role.OWNER).count()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DEVELOPER, Role.VIEWER])
@pytest.mark.parametrize("member", ["root_owner", "operator"])
def test_the_last_owner_is_not_demoted(cast: Cast, member: str, role: Role) -> None:
    with pytest.raises(LastOwnerError):
        membership(cast.root_owner, cast.root).change_role(cast.actor(member), role)
    assert owners(cast.root) == 1


@pytest.mark.parametrize("actor", ["root_owner", "operator", "system"])
def test_the_last_owner_is_not_removed(cast: Cast, actor: str) -> None:
    with pytest.raises(LastOwnerError):
        membership(cast.root_owner, cast.root).remove(SYSTEM if actor == "system" else cast.actor(actor))
    assert owners(cast.root) == 1


def test_an_owner_stays_an_owner_without_a_word(cast: Cast) -> None:
    membership(cast.root_owner, cast.root).change_role(cast.actor("root_owner"), Role.OWNER)
    assert owners(cast.root) == 1


def test_one_of_two_owners_may_go(cast: Cast) -> None:
    second = factories.make_user("second@example.com")
    factories.join(second, cast.root, Role.OWNER)
    membership(cast.root_owner, cast.root).remove(cast.actor("root_owner"))
    with pytest.raises(LastOwnerError):
        membership(second, cast.root).remove(Actor(user=second))


def test_an_owner_who_is_locked_out_does_not_count(cast: Cast) -> None:
    factories.join(factories.make_user("gone@example.com", is_active=False), cast.root, Role.OWNER)
    with pytest.raises(LastOwnerError):
        membership(cast.root_owner, cast.root).remove(cast.actor("root_owner"))


def test_an_owner_of_a_sub_organization_does_not_count_for_the_root(cast: Cast) -> None:
    factories.join(cast.sub_a_admin, cast.sub_b, Role.OWNER)
    with pytest.raises(LastOwnerError):
        membership(cast.root_owner, cast.root).remove(cast.actor("root_owner"))


def test_a_sub_organization_may_be_without_an_owner(cast: Cast) -> None:
    """The owners of its root are its owners."""
    own = factories.join(cast.sub_a_developer, cast.sub_b, Role.OWNER)
    own.remove(cast.actor("root_owner"))
    assert owners(cast.sub_b) == 0


def test_two_owners_who_were_both_read_before_either_changed(cast: Cast) -> None:
    factories.join(factories.make_user("second@example.com"), cast.root, Role.OWNER)
    first, second = Membership.objects.filter(organization=cast.root, role=Role.OWNER)
    first.change_role(SYSTEM, Role.ADMIN)
    with pytest.raises(LastOwnerError):
        second.change_role(SYSTEM, Role.ADMIN)
    assert owners(cast.root) == 1


def test_a_role_that_was_read_long_ago_is_read_again(cast: Cast) -> None:
    """Read as a viewer, made the only owner meanwhile: not removed as a viewer."""
    stale = membership(cast.root_viewer, cast.root)
    factories.change(Membership.objects.filter(organization=cast.root, user=cast.root_owner), role=Role.ADMIN)
    factories.change(Membership.objects.filter(pk=stale.pk), role=Role.OWNER)
    with pytest.raises(LastOwnerError):
        stale.remove(SYSTEM)


def test_who_is_removed_already_is_not_removed_twice(cast: Cast) -> None:
    twice = membership(cast.root_viewer, cast.root)
    membership(cast.root_viewer, cast.root).remove(cast.actor("root_owner"))
    with pytest.raises(Membership.DoesNotExist):
        twice.remove(cast.actor("root_owner"))
    assert AuditEvent.objects.filter(action="member:removed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once() -> None:
    people = [factories.make_user(f"{name}@example.com") for name in ("first", "second")]
    root = factories.make_root("Acme")
    found = [factories.join(person, root, Role.OWNER) for person in people]
    pairs = iter([(people[0], found[1]), (people[1], found[0])])

    def remove_the_other() -> str:
        person, other = next(pairs)
        try:
            other.remove(Actor(user=person))
        except (LastOwnerError, RoleAboveOwnError):  # the second is nobody here any more, if it looked late
            return "kept"
        return "removed"

    assert sorted(side_by_side(2, remove_the_other)) == ["kept", "removed"]
    assert owners(root) == 1


@pytest.mark.parametrize(("route", "data"), [("remove-member", {}), ("change-role", {"role": "VIEWER"})])
def test_the_page_says_why(cast: Cast, route: str, data: dict[str, str]) -> None:
    client: Client = cast.client("root_owner")
    address = reverse(route, args=[cast.root.slug, membership(cast.root_owner, cast.root).pk])
    answer = client.post(address, data, follow=True)
    assert "This is the last owner. Make somebody else an owner first." in answer.content.decode()
    assert owners(cast.root) == 1
