"""Sharing and un-sharing count from the next request of anybody, for the key and for what was synced behind it."""

import re
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.test import Client
from django.urls import reverse

from appstore.models import AppStoreConnectKey, KeyType, SyncRun
from credentials.models import Credential, Share
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import Organization
from organizations.permissions import Permission
from tests import factories
from tests.conftest import Cast

COLLECTIONS = ("certificates", "profiles", "bundle-ids", "devices")
WAYS: dict[str, Any] = {
    "chosen": lambda sub: {"with_all": False, "chosen": [sub]},
    "all": lambda _sub: {"with_all": True, "chosen": []},
}


@pytest.fixture
def rows(root_key: AppStoreConnectKey) -> dict[str, Any]:
    """One of each of Apple's objects behind the root's key."""
    assert root_key.team is not None
    return {name: things[0] for name, things in factories.mirror(root_key.team, count=1).items()}


@pytest.fixture(params=WAYS)
def shared(cast: Cast, root_key: AppStoreConnectKey, request: pytest.FixtureRequest) -> AppStoreConnectKey:
    share(SYSTEM, root_key.credential, **WAYS[request.param](cast.sub_a))
    return root_key


def addresses(sub: Organization, key: AppStoreConnectKey, rows: dict[str, Any]) -> list[str]:
    """Everything that there is to see of the key and of what is behind it."""
    run = SyncRun.objects.filter(key=key).latest("created_at")
    slug, pk = sub.slug, key.credential.pk
    return [
        reverse("credential", args=[slug, pk]),
        reverse("key-progress", args=[slug, pk]),
        reverse("sync", args=[slug, run.pk]),
        *(reverse("apple-object", args=[slug, name, row.pk]) for name, row in rows.items()),
        *(reverse("download-apple-object", args=[slug, name, rows[name].pk]) for name in ("certificates", "profiles")),
        *(reverse("fetch-progress", args=[slug, name, rows[name].pk]) for name in ("certificates", "profiles")),
    ]  # fmt: skip


def statuses(client: Client, where: list[str]) -> set[int]:
    return {client.get(address).status_code for address in where}


def test_a_share_opens_the_key_and_all_that_is_behind_it(
    cast: Cast, root_key: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    client, where = cast.client("sub_a_developer"), addresses(cast.sub_a, root_key, rows)
    assert statuses(client, where) == {404}

    share(SYSTEM, root_key.credential, with_all=False, chosen=[cast.sub_a])
    assert statuses(client, where) == {200}

    share(SYSTEM, root_key.credential, with_all=False, chosen=[])
    assert statuses(client, where) == {404}


def test_lists_show_it_tagged_root_and_then_no_more(
    cast: Cast, shared: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    client, slug = cast.client("sub_a_developer"), cast.sub_a.slug
    listed = client.get(reverse("credentials", args=[slug])).content.decode()
    assert shared.credential.name in listed
    assert '<span class="tag is-root">Root</span>' in listed
    for name in COLLECTIONS:
        assert str(rows[name].pk) in client.get(reverse("apple-objects", args=[slug, name])).content.decode()

    share(SYSTEM, shared.credential, with_all=False, chosen=[])
    assert shared.credential.name not in client.get(reverse("credentials", args=[slug])).content.decode()
    for name in COLLECTIONS:
        page = client.get(reverse("apple-objects", args=[slug, name])).content.decode()
        assert str(rows[name].pk) not in page


def test_using_it_ends_with_the_share_too(
    cast: Cast, shared: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    client, slug = cast.client("sub_a_developer"), cast.sub_a.slug
    uses = [
        reverse("sync-now", args=[slug, shared.credential.pk]),
        reverse("fetch-apple-object", args=[slug, "certificates", rows["certificates"].pk]),
        reverse("fetch-apple-object", args=[slug, "profiles", rows["profiles"].pk]),
    ]
    assert [client.post(use).status_code for use in uses] == [302] * 3
    runs = SyncRun.objects.count()
    assert runs > 2

    share(SYSTEM, shared.credential, with_all=False, chosen=[])
    assert [client.post(use).status_code for use in uses] == [404] * 3
    assert SyncRun.objects.count() == runs


def test_the_other_sub_organization_sees_what_all_have_and_nothing_else(
    cast: Cast, root_key: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    client, where = cast.client("sub_b_developer"), addresses(cast.sub_b, root_key, rows)
    share(SYSTEM, root_key.credential, with_all=False, chosen=[cast.sub_a])
    assert statuses(client, where) == {404}
    share(SYSTEM, root_key.credential, with_all=True, chosen=[])
    assert statuses(client, where) == {200}


def test_one_created_later_has_what_all_have(
    cast: Cast, root_key: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    share(SYSTEM, root_key.credential, with_all=True, chosen=[])
    later = cast.root.create_sub_organization(SYSTEM, "Later")
    assert statuses(cast.client("root_viewer"), addresses(later, root_key, rows)) == {
        200,
        403,
    }  # downloads: 403


def test_all_of_one_root_are_not_all_of_another(
    cast: Cast, root_key: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    share(SYSTEM, root_key.credential, with_all=True, chosen=[])
    foreign = cast.other.create_sub_organization(SYSTEM, "Globex Games")
    for organization in (cast.other, foreign):
        assert statuses(cast.client("outsider"), addresses(organization, root_key, rows)) == {404}


def test_archiving_suspends_the_shares_and_restoring_brings_them_back(
    cast: Cast, shared: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    client, where = cast.client("sub_a_developer"), addresses(cast.sub_a, shared, rows)
    owner, at = cast.client("root_owner"), [cast.root.slug, shared.credential.pk]
    before = list(shared.credential.shares.values_list("pk", flat=True))

    page = owner.get(reverse("archive-credential", args=at)).content.decode()
    assert re.search(
        r"Used by \d sub-organizations?:</strong> Acme Games[^.]*\. None of them can see or use it", page
    )
    owner.post(reverse("archive-credential", args=at))
    assert statuses(client, where) == {404}
    assert (
        shared.credential.name not in client.get(reverse("credentials", args=["acme-games"])).content.decode()
    )
    assert owner.get(shared.credential.page_path()).status_code == 200  # the owner still finds it

    owner.post(reverse("restore-credential", args=at))
    assert statuses(client, where) == {200}
    assert list(shared.credential.shares.values_list("pk", flat=True)) == before


def test_nobody_sees_an_archived_one_at_the_sub_organizations_address(
    cast: Cast, shared: AppStoreConnectKey
) -> None:
    """Not even who still finds it at the root."""
    shared.credential.archive(SYSTEM)
    for name in ("root_owner", "operator"):
        client = cast.client(name)
        assert client.get(shared.credential.page_path()).status_code == 200
        assert client.get(shared.credential.page_path(cast.sub_a)).status_code == 404
        listed = client.get(reverse("credentials", args=[cast.sub_a.slug]), {"archived": "1"})
        assert shared.credential.name not in listed.content.decode()


def test_another_key_of_the_same_team_keeps_what_is_behind_it_visible(
    cast: Cast, shared: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    backup = factories.make_key(cast.root, issuer_id=shared.issuer_id)
    assert backup.team == shared.team
    share(SYSTEM, backup.credential, with_all=False, chosen=[cast.sub_a])
    share(SYSTEM, shared.credential, with_all=False, chosen=[])

    client = cast.client("sub_a_developer")
    thing = reverse("apple-object", args=[cast.sub_a.slug, "profiles", rows["profiles"].pk])
    assert client.get(thing).status_code == 200
    assert client.get(shared.credential.page_path(cast.sub_a)).status_code == 404
    assert shared.credential.name not in client.get(thing).content.decode()


def test_an_individual_key_brings_no_teams_objects(
    cast: Cast, root_key: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    individual = factories.make_key(cast.root, key_type=KeyType.INDIVIDUAL)
    share(SYSTEM, individual.credential, with_all=True, chosen=[])
    client = cast.client("sub_a_developer")

    assert client.get(individual.credential.page_path(cast.sub_a)).status_code == 200
    assert (
        client.get(reverse("apple-object", args=["acme-games", "profiles", rows["profiles"].pk])).status_code
        == 404
    )


def test_losing_the_membership_ends_it_too(
    cast: Cast, shared: AppStoreConnectKey, rows: dict[str, Any]
) -> None:
    client, where = cast.client("sub_a_developer"), addresses(cast.sub_a, shared, rows)
    assert statuses(client, where) == {200}
    cast.sub_a_developer.memberships.all().delete()
    assert statuses(client, where) == {404}


def test_an_archived_root_shares_nothing(cast: Cast, shared: AppStoreConnectKey) -> None:
    cast.root.archive(SYSTEM)
    assert cast.client("sub_a_developer").get(shared.credential.page_path(cast.sub_a)).status_code == 404
    reach = Credential.objects.for_actor(cast.actor("sub_a_developer"), Permission.CREDENTIAL_VIEW)
    with pytest.raises(ObjectDoesNotExist):
        reach.get(pk=shared.credential.pk)


@pytest.mark.parametrize("key_type", KeyType)
def test_the_key_type_survives_sharing(cast: Cast, key_type: KeyType) -> None:
    key = factories.make_key(cast.root, key_type=key_type)
    share(SYSTEM, key.credential, with_all=True, chosen=[])
    page = cast.client("sub_a_developer").get(key.credential.page_path(cast.sub_a)).content.decode()

    assert f"App Store Connect API key · {key_type.label}" in page
    assert key.key_id in page
    assert ("no App Store, no TestFlight" in page) == (key_type == KeyType.ENTERPRISE)
    seen = AppStoreConnectKey.objects.visible_in(cast.sub_a).get()
    assert seen.key_type == key_type


def test_choices_for_the_app_store_leave_enterprise_keys_out(cast: Cast) -> None:
    keys = {key_type: factories.make_key(cast.root, key_type=key_type) for key_type in KeyType}
    for key in keys.values():
        share(SYSTEM, key.credential, with_all=True, chosen=[])
    gone = factories.make_key(cast.root)
    gone.credential.archive(SYSTEM)

    for organization in (cast.root, cast.sub_a, cast.sub_b):
        offered = set(AppStoreConnectKey.objects.visible_in(organization).for_app_store())
        assert offered == {keys[KeyType.TEAM], keys[KeyType.INDIVIDUAL]}


def test_a_page_checks_the_shares_that_it_is_about_and_no_others(
    cast: Cast, root_key: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [factories.make_signing_request(cast.root, name) for name in ("Ada", "Bob", "Forged")]
    for credential in (root_key.credential, *requests):
        share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    Share.objects.filter(credential=requests[2]).update(guard="1:00")
    checked: list[Any] = []
    is_genuine = Share.is_genuine_row
    monkeypatch.setattr(
        Share, "is_genuine_row", lambda row: checked.append(row["credential_id"]) or is_genuine(row)
    )
    client, base = cast.client("sub_a_developer"), reverse("credentials", args=[cast.sub_a.slug])
    for credential, status in zip(requests, (200, 200, 404), strict=True):
        checked.clear()
        assert client.get(f"{base}{credential.pk}/").status_code == status
        assert checked == [credential.pk]
    checked.clear()
    listed = client.get(base).content.decode()
    assert [credential.name in listed for credential in requests] == [True, True, False]
    assert len(checked) == 4  # each of them once
