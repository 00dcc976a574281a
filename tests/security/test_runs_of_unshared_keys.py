"""A shared key shares its team. The team's other keys stay unknown: no run tells their names."""

import pytest

from appstore.models import AppStoreConnectKey, KeyPreference, SyncRun
from credentials.sharing import share
from organizations.actors import SYSTEM
from tests import factories
from tests.conftest import Cast


@pytest.fixture
def keys(cast: Cast) -> tuple[AppStoreConnectKey, AppStoreConnectKey]:
    """Two keys of one team, one of them shared with sub A; both were checked, and the other has synced."""
    shared = factories.make_key(cast.root, name="Shared key", key_id="SHARED0001")
    other = factories.make_key(cast.root, name="Quiet key", key_id="QUIET00001")
    assert shared.team == other.team
    assert other.team is not None
    share(SYSTEM, shared.credential, with_all=False, chosen=[cast.sub_a])
    SyncRun.request_sync(SYSTEM, other.team, SyncRun.Trigger.SCHEDULE, key=other)
    return shared, other


@pytest.mark.parametrize("member", ["sub_a_admin", "sub_a_developer"])
def test_lists_and_pages_of_runs(
    cast: Cast, keys: tuple[AppStoreConnectKey, AppStoreConnectKey], member: str
) -> None:
    client = cast.client(member)
    check, sync = keys[1].sync_runs.get(kind="CHECK"), keys[1].sync_runs.get(kind="SYNC")
    base = "/o/acme-games/"
    assert client.get(f"{base}syncs/{check.pk}/").status_code == 404
    pages = [base, f"{base}syncs/", f"{base}syncs/{sync.pk}/", f"{base}credentials/{keys[0].credential_id}/"]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert b"Quiet" not in answer.content
        assert b"QUIET" not in answer.content
    assert b"Shared key" in client.get(f"{base}syncs/").content


def test_the_admin(cast: Cast, keys: tuple[AppStoreConnectKey, AppStoreConnectKey]) -> None:
    client = cast.client("sub_a_admin")
    sync = keys[1].sync_runs.get(kind="SYNC")
    for page in ("/admin/appstore/syncrun/", f"/admin/appstore/syncrun/{sync.pk}/change/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert b"Quiet" not in answer.content


def test_the_owner_sees_them_all(cast: Cast, keys: tuple[AppStoreConnectKey, AppStoreConnectKey]) -> None:
    client = cast.client("root_owner")
    for run in keys[1].sync_runs.all():
        assert b"Quiet key" in client.get(f"/o/acme/syncs/{run.pk}/").content
    assert b"Quiet key" in client.get("/admin/appstore/syncrun/").content


def test_a_preference_for_a_key_that_is_not_shared_any_more(
    cast: Cast, keys: tuple[AppStoreConnectKey, AppStoreConnectKey]
) -> None:
    shared = keys[0]
    KeyPreference.objects.create(user=cast.sub_a_admin, team=shared.team, key=shared)
    client = cast.client("sub_a_admin")
    assert b"Shared key" in client.get("/admin/appstore/keypreference/").content
    share(SYSTEM, shared.credential, with_all=False, chosen=[])
    assert b"Shared key" not in client.get("/admin/appstore/keypreference/").content
