"""An invitation is worth what its sender may still give: a link that was kept is no way back in."""

from typing import Any

import pytest

from organizations.actors import SYSTEM
from organizations.models import Invitation, Membership
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast


def send(cast: Cast, sender: str, role: Role) -> str:
    organization = cast.root if sender == "root_owner" else cast.sub_a
    token: list[str] = []
    Invitation.send(
        cast.actor(sender),
        organization,
        email="second.self@example.com",
        role=role,
        link_for=lambda found: token.append(found) or "https://testserver/",  # type: ignore[func-returns-value]
    )
    return f"/invitations/{token[0]}/"


def accept(cast: Cast, link: str) -> Any:
    return cast.client("anonymous").post(link, {"name": "Second Self", "password": factories.PASSWORD})


@pytest.mark.parametrize("left", [Role.ADMIN, Role.DEVELOPER, None])
def test_an_owners_invitation_ends_with_the_owners_role(cast: Cast, left: Role | None) -> None:
    factories.join(cast.outsider, cast.root, Role.OWNER)
    link = send(cast, "root_owner", Role.OWNER)
    membership = Membership.objects.get(user=cast.root_owner)
    if left:
        membership.change_role(SYSTEM, left)
    else:
        membership.remove(SYSTEM)
    assert cast.client("anonymous").get(link).status_code == 404
    assert accept(cast, link).status_code == 404
    assert not Membership.objects.filter(user__email="second.self@example.com").exists()


def test_what_one_may_still_give_stays_good(cast: Cast) -> None:
    factories.join(cast.outsider, cast.root, Role.OWNER)
    link = send(cast, "root_owner", Role.DEVELOPER)
    Membership.objects.get(user=cast.root_owner).change_role(SYSTEM, Role.ADMIN)
    assert accept(cast, link).status_code == 302


def test_a_locked_out_senders_invitation_ends(cast: Cast) -> None:
    link = send(cast, "sub_a_admin", Role.VIEWER)
    cast.sub_a_admin.is_active = False
    cast.sub_a_admin.save()
    assert accept(cast, link).status_code == 404


@pytest.mark.parametrize("archived", ["sub_a", "root"])
def test_an_archived_organization_takes_nobody_in(cast: Cast, archived: str) -> None:
    link = send(cast, "sub_a_admin", Role.VIEWER)
    getattr(cast, archived).archive(SYSTEM)
    assert accept(cast, link).status_code == 404


def test_a_link_works_once(cast: Cast) -> None:
    link = send(cast, "root_owner", Role.VIEWER)
    assert accept(cast, link).status_code == 302
    assert accept(cast, link).status_code == 404
    assert Membership.objects.filter(user__email="second.self@example.com").count() == 1


def test_a_new_account_gets_a_session_of_its_own(cast: Cast) -> None:
    """Whoever fixed the session that the link was opened in does not have the one that is signed in."""
    client = cast.client("anonymous")
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["credhub_sessionid"] = planted = session.session_key
    link = send(cast, "root_owner", Role.VIEWER)
    assert client.post(link, {"name": "New", "password": factories.PASSWORD}).status_code == 302
    assert client.session.session_key != planted
