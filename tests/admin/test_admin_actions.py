"""The actions "Sync now" and "Share…": each checks each row."""

from typing import Any

import pytest
from django.http import HttpResponse

from appstore.models import AppStoreConnectKey, SyncRun
from credentials.models import Credential, Share
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.permissions import Role
from tests import factories
from tests.access.answers import database
from tests.admin.furniture import House, address, traces
from tests.thoroughness import first_of

AGAIN = {"action": "sync_now", "select_across": "1"}


def act(house: House, member: str, model: Any, action: str, *pks: Any, **more: str) -> HttpResponse:
    data = {"action": action, "_selected_action": [str(pk) for pk in pks], **more}
    return house.cast.client(member).post(address(model), data, follow=True)


@pytest.fixture
def idle(house: House) -> House:
    """Nothing is asked for yet: the checks of the uploads are over."""
    SyncRun.objects.update(state=SyncRun.State.SUCCEEDED)
    return house


def asked(house: House) -> set[str]:
    return {str(run.subject) for run in SyncRun.objects.active()}


def test_sync_now_asks_for_runs(
    idle: House, doorbell: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    keys = [idle.rows[owner][AppStoreConnectKey] for owner in ("root", "shared", "sub_a")]
    with django_capture_on_commit_callbacks(execute=True):
        act(idle, "root_owner", AppStoreConnectKey, "sync_now", *[key.pk for key in keys])
    runs = SyncRun.objects.active()
    assert {(run.kind, run.key) for run in runs} == {("SYNC", key) for key in keys}
    assert {run.requested_by for run in runs} == {idle.cast.root_owner}
    assert set(doorbell) == {run.pk for run in runs}


def test_a_sub_organizations_admin_syncs_what_is_shared(idle: House) -> None:
    act(idle, "sub_a_admin", AppStoreConnectKey, "sync_now", idle.rows["shared"][AppStoreConnectKey].pk)
    assert asked(idle) == {"sharedword key"} or len(asked(idle)) == 1


@pytest.mark.parametrize("more", [{}, {"select_across": "1"}])
@pytest.mark.parametrize("member", first_of(["root_owner", "sub_a_admin", "outsider"], count=2))
def test_sync_now_with_foreign_ids_asks_for_none_of_them(
    idle: House, member: str, more: dict[str, str]
) -> None:
    foreign = [row for row in idle.unseen(member) if isinstance(row, AppStoreConnectKey)]
    answer = act(idle, member, AppStoreConnectKey, "sync_now", *[key.pk for key in foreign], **more)
    assert traces(answer, idle.words(member)) == []
    assert not SyncRun.objects.active().filter(key__in=foreign).exists()


def test_ids_that_are_none_are_no_fault_of_ours(idle: House) -> None:
    before = database()
    for pk in ("x", "", "' OR 1=1 --", "\x00"):
        act(idle, "root_owner", AppStoreConnectKey, "sync_now", pk)
        act(idle, "root_owner", Credential, "share_selected", pk)
        act(idle, "root_owner", Credential, "no_such_action", pk)
    assert database() == before


def test_share_selected_leads_to_the_panel_of_ones_own_credential(house: House) -> None:
    credential = house.rows["root"][Credential]
    answer = act(house, "root_owner", Credential, "share_selected", credential.pk)
    assert answer.redirect_chain[-1][0] == address(Credential, "share", credential.pk)
    assert "credentials/_share_panel.html" in [template.name for template in answer.templates]


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_shared_is_not_shared_on(house: House, method: str) -> None:
    credential, before = house.rows["shared"][Credential], database()
    assert act(house, "sub_a_admin", Credential, "share_selected", credential.pk).status_code == 403
    panel = address(Credential, "share", credential.pk)
    data = {"name": "Mine now", "shared_with_all": "on"}
    assert getattr(house.cast.client("sub_a_admin"), method)(panel, data).status_code == 403
    change = address(Credential, "change", credential.pk)
    assert house.cast.client("sub_a_admin").get(change).status_code == 200
    assert house.cast.client("sub_a_admin").post(change, {"name": "Mine now"}).status_code == 403
    assert database() == before


def test_share_selected_with_foreign_ids(house: House) -> None:
    for member in ("root_owner", "sub_a_admin", "outsider"):
        foreign = [row for row in house.unseen(member) if isinstance(row, Credential)]
        for credential in foreign:
            answer = act(house, member, Credential, "share_selected", credential.pk)
            assert answer.redirect_chain in ([], [(address(Credential), 302)])
            assert traces(answer, house.words(member)) == []


def test_a_viewer_opens_no_admin(house: House) -> None:
    client = house.cast.client("root_viewer")
    for page in ("/admin/", address(Credential), address(AppStoreConnectKey, "add")):
        assert client.get(page, follow=True).status_code == 403


def test_admin_here_and_viewer_there(idle: House) -> None:
    """Sub B's admin who is a viewer of the root sees the root's rows, and changes, shares and syncs none."""
    person = factories.make_user("mixed@example.com")
    factories.join(person, idle.cast.sub_b, Role.ADMIN)
    factories.join(person, idle.cast.root, Role.VIEWER)
    idle.cast.root_viewer = person
    client = idle.cast.client("root_viewer")
    row, key = idle.rows["shared"][Credential], idle.rows["shared"][AppStoreConnectKey]
    assert str(row.pk) in client.get(address(Credential)).content.decode()
    before = database()
    assert client.get(address(Credential, "change", row.pk)).status_code == 200
    assert client.post(address(Credential, "change", row.pk), {"name": "Mine"}).status_code == 403
    assert client.post(address(Credential, "share", row.pk), {"name": "Mine"}).status_code == 403
    assert (
        client.post(address(type(idle.cast.root), "change", idle.cast.root.pk), {"name": "Mine"}).status_code
        == 403
    )
    act(idle, "root_viewer", AppStoreConnectKey, "sync_now", key.pk)
    assert database() == before
    # The root's people, log, shares and invitations take more than a viewer's role
    for model in ("AuditEvent", "Invitation", "Share"):
        kind = next(each for each in idle.rows["root"] if each.__name__ == model)
        assert client.get(address(kind, "change", idle.rows["root"][kind].pk)).status_code == 302


def test_the_panel_applies_the_same_rules(house: House) -> None:
    """Sub-organizations of the owner's root only, and a name that is free; nothing is written otherwise."""
    credential = house.rows["shared"][Credential]
    panel, client = address(Credential, "share", credential.pk), house.cast.client("root_owner")
    foreign = Share.objects.get(credential=house.rows["other"][Credential]).organization
    before = database()
    for sub in (foreign.pk, house.cast.other.pk, house.cast.root.pk, "x"):
        assert (
            client.post(panel, {"name": "sharedword key", "sub_organizations": [str(sub)]}).status_code == 400
        )
    assert client.post(panel, {"name": "Rootling KEY"}).status_code == 400
    assert (
        client.post(panel, {"name": "sharedword key", "preview": "1", "shared_with_all": "on"}).status_code
        == 200
    )
    assert database() == before
    client.post(panel, {"name": "Shared", "sub_organizations": [str(house.cast.sub_b.pk)]})
    assert [each.organization for each in credential.shares.all()] == [house.cast.sub_b]


def test_an_archived_credential_has_no_panel(house: House) -> None:
    credential = house.rows["root"][Credential]
    share(SYSTEM, credential, with_all=False, chosen=[])
    credential.archive(SYSTEM)
    assert house.cast.client("root_owner").get(address(Credential, "share", credential.pk)).status_code == 404
