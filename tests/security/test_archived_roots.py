"""With an archived root everything below it is out of reach: sub-organizations, shares, roles; and comes back."""

import pytest

from appstore.models import AppStoreConnectKey, SyncRun
from credentials.sharing import share
from organizations.actors import SYSTEM
from tests import factories
from tests.conftest import Cast

PAGES = ["", "credentials/", "syncs/"]


@pytest.fixture
def shared(cast: Cast, root_key: AppStoreConnectKey) -> AppStoreConnectKey:
    share(SYSTEM, root_key.credential, with_all=True, chosen=[])
    factories.make_key(cast.sub_a, name="Sub's own key")
    return root_key


def statuses(cast: Cast, member: str) -> set[int]:
    client = cast.client(member)
    paths = [f"/o/{slug}/{page}" for slug in ("acme", "acme-games", "acme-travel") for page in PAGES]
    return {client.get(path).status_code for path in paths}


@pytest.mark.parametrize(
    "member", ["root_owner", "root_viewer", "sub_a_admin", "sub_b_developer", "operator"]
)
def test_nobody_reaches_it_until_it_is_restored(cast: Cast, shared: AppStoreConnectKey, member: str) -> None:
    before = statuses(cast, member)
    cast.root.archive(SYSTEM)
    assert statuses(cast, member) == {404}
    cast.root.restore(SYSTEM)
    assert statuses(cast, member) == before


@pytest.mark.parametrize("member", ["root_owner", "sub_a_admin"])
def test_its_roles_open_no_admin(cast: Cast, member: str) -> None:
    assert cast.client(member).get("/admin/").status_code == 200
    cast.root.archive(SYSTEM)
    assert cast.client(member).get("/admin/", follow=True).status_code == 403


def test_its_keys_do_nothing(cast: Cast, shared: AppStoreConnectKey) -> None:
    SyncRun.objects.update(state=SyncRun.State.SUCCEEDED)
    cast.root.archive(SYSTEM)
    assert not AppStoreConnectKey.objects.live().exists()
    for slug, key in (("acme", shared), ("acme-games", shared)):
        path = f"/o/{slug}/credentials/{key.credential_id}/sync/"
        assert cast.client("sub_a_developer").post(path).status_code == 404
    assert not SyncRun.objects.active().exists()


def test_an_archived_sub_organization_loses_what_is_shared_with_it(
    cast: Cast, shared: AppStoreConnectKey
) -> None:
    path = f"/o/acme-games/credentials/{shared.credential_id}/"
    assert cast.client("sub_a_developer").get(path).status_code == 200
    cast.sub_a.archive(SYSTEM)
    for member in ("sub_a_developer", "root_owner", "operator"):
        assert cast.client(member).get(path).status_code == 404
