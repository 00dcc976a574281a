"""Owners who act on one another at once: each waits for the other, and then sees what became of the membership."""

import pytest

from organizations.actors import Actor
from organizations.models import LastOwnerError, Membership, RoleAboveOwnError
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast


def test_two_owners_cannot_remove_each_other(cast: Cast) -> None:
    factories.join(cast.outsider, cast.root, Role.OWNER)
    one, two = cast.actor("root_owner"), cast.actor("outsider")
    of_one = Membership.objects.get(user=cast.root_owner, organization=cast.root)
    of_two = Membership.objects.get(user=cast.outsider, organization=cast.root)
    assert (
        one.highest_role(cast.root) == two.highest_role(cast.root) == Role.OWNER
    )  # both requests are under way
    of_two.remove(one)
    with pytest.raises(LastOwnerError):
        of_one.remove(two)


def test_who_became_the_last_owner_a_moment_ago_stays(cast: Cast) -> None:
    """Loaded as a developer, by now the only owner."""
    membership = factories.join(cast.sub_a_developer, cast.root, Role.DEVELOPER)
    stale = Membership.objects.get(pk=membership.pk)
    membership.change_role(cast.actor("operator"), Role.OWNER)
    Membership.objects.get(user=cast.root_owner).remove(cast.actor("operator"))
    with pytest.raises(LastOwnerError):
        stale.remove(cast.actor("operator"))


def test_an_admin_does_not_remove_who_became_an_owner(cast: Cast) -> None:
    admin = factories.make_user("admin@example.com")
    factories.join(admin, cast.root, Role.ADMIN)
    membership = factories.join(cast.sub_a_developer, cast.root, Role.DEVELOPER)
    stale = Membership.objects.get(pk=membership.pk)
    membership.change_role(cast.actor("root_owner"), Role.OWNER)
    with pytest.raises(RoleAboveOwnError):
        stale.remove(Actor(user=admin))
    with pytest.raises(RoleAboveOwnError):
        stale.change_role(Actor(user=admin), Role.VIEWER)


@pytest.mark.parametrize("page", ["role", "remove"])
def test_somebody_removed_a_moment_ago_is_told_of(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    membership = Membership.objects.get(user=cast.root_viewer)
    guard = Membership._guard

    def late(self: Membership, actor: Actor, role: Role | None) -> None:
        Membership.objects.filter(pk=self.pk).delete()
        guard(self, actor, role)

    monkeypatch.setattr(Membership, "_guard", late)
    path = f"/o/acme/members/{membership.pk}/{page}/"
    answer = cast.client("root_owner").post(path, {"role": "DEVELOPER"}, follow=True)
    assert "Somebody else removed this member a moment ago." in answer.content.decode()
