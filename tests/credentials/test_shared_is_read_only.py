"""In a sub-organization a shared credential is tagged Root, used, and changed by nobody and by no address."""

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from appstore.models import AppStoreConnectKey, SyncRun
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import reloaded

WRITES = {
    "rename-credential": {"name": "Mine now"},
    "share-credential": {"name": "Mine now", "shared_with_all": "on"},
    "archive-credential": {},
    "restore-credential": {},
    "replace-credential": {"text": factories.make_p8().decode(), "key_type": "TEAM"},
}


def changes_on_record() -> int:
    return AuditEvent.objects.exclude(action="access:denied").count()


@pytest.fixture(params=["chosen", "all"])
def shared(cast: Cast, root_key: AppStoreConnectKey, request: pytest.FixtureRequest) -> AppStoreConnectKey:
    chosen = [cast.sub_a] if request.param == "chosen" else []
    share(SYSTEM, root_key.credential, with_all=request.param == "all", chosen=chosen)
    owner = factories.make_user("sub.a.owner@example.com")
    factories.join(owner, cast.sub_a, Role.OWNER)
    cast.sub_a_owner = owner  # type: ignore[attr-defined]
    return root_key


def state(credential: Credential) -> dict[str, Any]:
    again = reloaded(credential)
    fields = {field.name: getattr(again, field.attname) for field in Credential._meta.concrete_fields}
    return {**fields, "shares": list(again.shares.values_list("organization_id", flat=True))}


@pytest.mark.parametrize("name", ["sub_a_owner", "sub_a_admin", "sub_a_developer"])
@pytest.mark.parametrize("write", WRITES)
def test_no_member_changes_it_at_either_address(
    cast: Cast, shared: AppStoreConnectKey, name: str, write: str
) -> None:
    client, before, events = (
        cast.client(name),
        state(shared.credential),
        changes_on_record(),
    )
    pk = shared.credential.pk

    for slug, status in [
        (cast.sub_a.slug, 403),
        (cast.root.slug, 404),
        (cast.sub_b.slug, 404),
        ("nowhere", 404),
    ]:
        address = reverse(write, args=[slug, pk])
        assert client.post(address, WRITES[write]).status_code == status
        if write != "restore-credential":
            assert client.get(address).status_code == status
    assert state(shared.credential) == before
    assert changes_on_record() == events


@pytest.mark.parametrize("write", WRITES)
def test_the_roots_owner_changes_it_at_the_root_only(
    cast: Cast, shared: AppStoreConnectKey, write: str
) -> None:
    """The same person, at the sub-organization's address: what is read-only there is read-only for everybody."""
    client, before = cast.client("root_owner"), state(shared.credential)
    answer = client.post(reverse(write, args=[cast.sub_a.slug, shared.credential.pk]), WRITES[write])

    assert answer.status_code == 403
    assert "Acme shares this credential" in html.unescape(answer.content.decode())
    assert state(shared.credential) == before
    at_the_root = client.post(reverse(write, args=[cast.root.slug, shared.credential.pk]), WRITES[write])
    assert at_the_root.status_code == 302


@pytest.mark.parametrize("write", WRITES)
def test_an_operator_too_goes_to_the_root(cast: Cast, shared: AppStoreConnectKey, write: str) -> None:
    before = state(shared.credential)
    answer = cast.client("operator").post(
        reverse(write, args=["acme-games", shared.credential.pk]), WRITES[write]
    )
    assert answer.status_code == 403
    assert state(shared.credential) == before


@pytest.mark.parametrize("name", ["sub_a_admin", "root_owner"])
def test_its_page_there_is_tagged_and_offers_no_change(
    cast: Cast, shared: AppStoreConnectKey, name: str
) -> None:
    page = cast.client(name).get(shared.credential.page_path(cast.sub_a)).content.decode()
    main = page.partition("<main")[2]

    assert '<span class="tag is-root">Root</span>' in main
    assert "read-only here" in main
    for write in WRITES:
        for slug in (cast.sub_a.slug, cast.root.slug):
            assert reverse(write, args=[slug, shared.credential.pk]) not in main
    assert reverse("sync-now", args=[cast.sub_a.slug, shared.credential.pk]) in main  # it can be used
    assert cast.root.slug not in re.findall(r'href="/o/([^/"]+)/', main)


def test_its_page_does_not_tell_who_else_has_it(cast: Cast, shared: AppStoreConnectKey) -> None:
    share(SYSTEM, shared.credential, with_all=False, chosen=[cast.sub_a, cast.sub_b])
    page = cast.client("sub_a_admin").get(shared.credential.page_path(cast.sub_a)).content.decode()

    assert "Shared with" not in page
    assert "Acme Travel" not in page


def test_its_page_at_the_owner_is_not_tagged(cast: Cast, shared: AppStoreConnectKey) -> None:
    page = cast.client("root_owner").get(shared.credential.page_path()).content.decode()
    assert "tag is-root" not in page.partition("<main")[2]


def test_it_is_listed_with_its_owner_and_can_be_filtered_by_it(
    cast: Cast, shared: AppStoreConnectKey
) -> None:
    own = factories.make_key(cast.sub_a, name="Own key")
    client, address = cast.client("sub_a_admin"), reverse("credentials", args=[cast.sub_a.slug])

    everything = client.get(address).content.decode()
    assert shared.credential.name in everything
    assert own.credential.name in everything
    roots = client.get(address, {"owner": "root"}).content.decode()
    assert shared.credential.name in roots
    assert own.credential.name not in roots
    owns = client.get(address, {"owner": "own"}).content.decode()
    assert shared.credential.name not in owns
    assert own.credential.name in owns
    archived = client.get(address, {"archived": "1"}).content.decode()
    assert shared.credential.name not in archived


@pytest.mark.parametrize("name", ["sub_a_admin", "sub_a_developer"])
def test_it_can_be_synced_from_there_and_the_log_says_by_whom(
    cast: Cast, shared: AppStoreConnectKey, name: str
) -> None:
    answer = cast.client(name).post(reverse("sync-now", args=["acme-games", shared.credential.pk]))

    assert answer.status_code == 302
    assert answer["Location"] == shared.credential.page_path(cast.sub_a)
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert (run.key, run.requested_by) == (shared, getattr(cast, name))
    event = AuditEvent.objects.get(action="sync:requested")
    assert (event.organization, event.actor_user) == (cast.root, getattr(cast, name))


def test_the_roots_log_is_not_shown_there(cast: Cast, shared: AppStoreConnectKey) -> None:
    shared.credential.rename(cast.actor("root_owner"), "A name that only the root gave")
    page = cast.client("sub_a_admin").get(reverse("activity", args=["acme-games"])).content.decode()
    assert "A name that only the root gave" not in page
    assert "root.owner@example.com" not in page.partition("<main")[2]


def test_the_admin_lets_a_sub_organizations_admin_read_it_and_no_more(
    cast: Cast, shared: AppStoreConnectKey
) -> None:
    client, before = cast.client("sub_a_admin"), state(shared.credential)
    change = reverse("admin:credentials_credential_change", args=[shared.credential.pk])

    assert client.get(change).status_code == 200
    client.post(change, {"name": "Mine now"})
    for address in (
        reverse("admin:credentials_credential_share", args=[shared.credential.pk]),
        reverse("admin:credentials_credential_delete", args=[shared.credential.pk]),
    ):
        assert (
            client.post(address, {"name": "Mine now", "shared_with_all": "on", "post": "yes"}).status_code
            == 403
        )
    assert state(shared.credential) == before
