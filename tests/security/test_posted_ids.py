"""Ids of other tenants in the fields of a POST and in the address line's filters."""

from typing import Any

import pytest

from appstore.models import AppStoreConnectKey, KeyPreference, SyncRun
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import Invitation, Membership
from organizations.permissions import Role
from tests import factories
from tests.access.answers import database
from tests.conftest import Cast


@pytest.fixture
def theirs(cast: Cast) -> AppStoreConnectKey:
    return factories.make_key(cast.other, name="Globex key")


def test_a_fresh_copy_with_a_foreign_key(
    cast: Cast, root_key: AppStoreConnectKey, theirs: AppStoreConnectKey
) -> None:
    """With two keys of one's own there is no default: a key that is not one of them is none."""
    factories.make_key(cast.root)
    assert root_key.team is not None
    thing = factories.mirror(root_key.team, count=1)["certificates"][0]
    before = database()
    for pk in (theirs.pk, theirs.credential_id, "x", "", "\x00"):
        cast.client("root_owner").post(f"/o/acme/certificates/{thing.pk}/fetch/", {"key": str(pk)})
    assert database() == before
    assert not KeyPreference.objects.exists()


def test_a_fresh_copy_with_a_key_that_is_not_shared(cast: Cast, root_key: AppStoreConnectKey) -> None:
    quiet = factories.make_key(cast.root, name="Quiet key")
    share(SYSTEM, root_key.credential, with_all=True, chosen=[])
    assert root_key.team is not None
    thing = factories.mirror(root_key.team, count=1)["profiles"][0]
    client = cast.client("sub_a_developer")
    client.post(f"/o/acme-games/profiles/{thing.pk}/fetch/", {"key": str(quiet.pk)})
    assert not SyncRun.objects.filter(kind="FETCH", key=quiet).exists()
    assert b"Quiet key" not in client.get(f"/o/acme-games/profiles/{thing.pk}/").content


@pytest.mark.parametrize("place", ["other", "its sub", "self", "none"])
def test_sharing_with_foreign_organizations(cast: Cast, root_key: AppStoreConnectKey, place: str) -> None:
    pks = {
        "other": cast.other.pk,
        "its sub": cast.other.create_sub_organization(SYSTEM, "Globex Power").pk,
        "self": cast.root.pk,
        "none": "x",
    }
    before, path = database(), f"/o/acme/credentials/{root_key.credential_id}/share/"
    for more in ({}, {"preview": "1"}, {"shared_with_all": "on"}):
        data: dict[str, Any] = {
            "name": "Root key",
            "sub_organizations": [str(pks[place]), str(cast.sub_a.pk)],
        }
        assert cast.client("root_owner").post(path, data | more).status_code == 400
    assert database() == before


def test_another_tenants_team_as_a_filter(
    cast: Cast, root_key: AppStoreConnectKey, theirs: AppStoreConnectKey
) -> None:
    assert theirs.team is not None
    factories.mirror(theirs.team, count=1)
    for collection in ("certificates", "profiles", "bundle-ids", "devices"):
        answer = cast.client("root_owner").get(f"/o/acme/{collection}/", {"team": str(theirs.team_id)})
        assert answer.context["listing"].selected == {}
        assert answer.context["listing"].total == 0


def test_roles_above_ones_own(cast: Cast) -> None:
    client, membership = cast.client("sub_a_admin"), Membership.objects.get(user=cast.sub_a_admin)
    client.post(f"/o/acme-games/members/{membership.pk}/role/", {"role": "OWNER"})
    membership.refresh_from_db()
    assert membership.role == Role.ADMIN
    answer = client.post("/o/acme-games/members/invite/", {"email": "me.too@example.com", "role": "OWNER"})
    assert answer.status_code == 400
    assert not Invitation.objects.exists()


def test_a_hostile_key_type_or_field_changes_nothing_else(cast: Cast, root_key: AppStoreConnectKey) -> None:
    """What a form does not ask for is not taken, whatever is posted beside it."""
    path = f"/o/acme/credentials/{root_key.credential_id}/rename/"
    data = {
        "name": "New",
        "organization": str(cast.other.pk),
        "shared_with_all": "on",
        "secret": "x",
        "status": "WORKS",
    }
    cast.client("root_owner").post(path, data)
    root_key.credential.refresh_from_db()
    found = root_key.credential
    assert (found.name, found.organization, found.shared_with_all, found.status) == (
        "New", cast.root, False, "NEVER_CHECKED",
    )  # fmt: skip
