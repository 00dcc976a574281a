"""Keys that may not read everything, and keys of other kinds: what they sync, and what is said about the rest."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from appstore.models import (
    AppStoreConnectKey,
    BundleId,
    Certificate,
    DeveloperTeam,
    Device,
    KeyType,
    Profile,
    SyncRun,
)
from appstore.runs import INDIVIDUAL_KEYS_DO_NOT_SYNC
from appstore.sandbox.model import Kind, Program, Role
from appstore.templatetags.appstore_ui import run_result
from credentials.models import Status
from credentials.parsing.p8 import parse_p8
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests.appstore.apple import LISTS, Apple, Wire, by_apple_id, sync, work
from tests.conftest import Cast

COLLECTIONS = ["certificates", "profiles", "bundleIds", "devices"]


def test_one_refused_collection_does_not_stop_the_others(apple: Apple, key: AppStoreConnectKey) -> None:
    apple.sandbox.inject("/v1/devices", kind="role", times=None)
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert run.state == "SUCCEEDED"
    assert run.cursor["done"] == ["bundleIds", "certificates", "profiles"]
    assert "Admin" in run.cursor["refused"]["devices"]
    assert not Device.objects.exists()
    assert by_apple_id(Certificate, key.team).keys() == set(apple.ids("certificates"))
    assert by_apple_id(Profile, key.team).keys() == set(apple.ids("profiles"))
    assert by_apple_id(BundleId, key.team).keys() == set(apple.ids("bundleIds"))
    key.refresh_from_db()
    key.credential.refresh_from_db()
    assert [key.capabilities[name] for name in COLLECTIONS] == [True, True, True, False]
    assert (key.credential.status, key.health) == (Status.ROLE_TOO_WEAK, "HEALTHY")
    assert "/v1/devices" in key.credential.status_note


def test_what_to_do_about_several_refusals_is_said_once(apple: Apple, key: AppStoreConnectKey) -> None:
    for name in COLLECTIONS:
        apple.sandbox.inject(f"/v1/{name}", kind="role", times=None)
    work()
    key.credential.refresh_from_db()
    note = key.credential.status_note
    assert note.startswith(
        "Not allowed to this key: Bundle IDs, Certificates, Devices, Profiles. The key's role"
    )
    assert note.count("create a key with the Admin role") == 1
    assert note.endswith(".")
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert run_result(run) == "not allowed: Bundle IDs, Certificates, Devices, Profiles"


def test_a_refused_collection_keeps_what_another_key_synced(apple: Apple, key: AppStoreConnectKey) -> None:
    work()
    apple.sandbox.inject("/v1/devices", kind="role", times=None)
    sync(key.team)
    assert Device.objects.at_apple().count() == 4


def test_what_was_refused_once_is_asked_again(apple: Apple, key: AppStoreConnectKey) -> None:
    apple.sandbox.inject("/v1/devices", kind="role", times=2)  # to the check and to the first sync
    work()
    assert not Device.objects.exists()
    sync(key.team)
    key.refresh_from_db()
    key.credential.refresh_from_db()
    assert key.capabilities["devices"] is True
    assert key.credential.status == Status.WORKS
    assert Device.objects.count() == 4


def test_the_refusal_is_on_the_page_of_the_sync(cast: Cast, apple: Apple) -> None:
    apple.sandbox.inject("/v1/devices", kind="role", times=None)
    apple.upload(cast.root)
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    page = cast.client("root_owner").get(reverse("sync", args=[cast.root.slug, run.pk]))
    assert run.cursor["refused"]["devices"] in page.context["rows"][2]
    assert "does not allow GET /v1/devices" in page.content.decode()


def test_an_app_manager_may_read_none_of_it(apple: Apple, acme: Organization) -> None:
    key = apple.upload(acme, apple.issue(Role.APP_MANAGER))
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert (run.state, run.cursor["done"]) == ("SUCCEEDED", [])
    assert set(run.cursor["refused"]) == set(COLLECTIONS)
    key.refresh_from_db()
    key.credential.refresh_from_db()
    assert [key.capabilities[name] for name in COLLECTIONS] == [False] * 4
    assert (key.credential.status, key.health) == (Status.ROLE_TOO_WEAK, "HEALTHY")


def test_a_developer_reads_what_the_role_sees(apple: Apple, acme: Organization) -> None:
    key = apple.upload(acme, apple.issue(Role.DEVELOPER))
    work()
    key.refresh_from_db()
    key.credential.refresh_from_db()
    assert [row.certificate_type for row in Certificate.objects.all()] == ["IOS_DEVELOPMENT"]
    assert by_apple_id(Profile, key.team).keys() == set(apple.ids("profiles"))
    assert key.credential.status == Status.WORKS
    assert key.capabilities == dict.fromkeys(COLLECTIONS, True) | {"users": False, "apps": True}


def test_what_a_developer_cannot_see_is_not_gone(apple: Apple, key: AppStoreConnectKey) -> None:
    work()
    weaker = apple.upload(key.credential.organization, apple.issue(Role.DEVELOPER))
    work()
    assert SyncRun.objects.filter(key=weaker, kind=SyncRun.Kind.SYNC, state="SUCCEEDED").exists()
    assert Certificate.objects.at_apple().count() == 2
    # Of the types that it sees, it tells what is gone.
    removed = next(
        row for row in Certificate.objects.all() if row.certificate_type == "IOS_DEVELOPMENT"
    ).apple_id
    apple.add_certificate("IOS_DEVELOPMENT")
    apple.sandbox.remove(apple.team, "certificates", removed)
    for _ in range(2):
        sync(key.team, weaker)
    assert [row.apple_id for row in Certificate.objects.exclude(gone_at=None)] == [removed]


def test_an_individual_key_is_not_synced_and_says_why(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root, apple.issue(kind=Kind.INDIVIDUAL))
    work()
    assert [run.kind for run in SyncRun.objects.all()] == ["CHECK"]
    assert not apple.requests(key, *LISTS)
    key.credential.refresh_from_db()
    assert key.credential.status == Status.WORKS
    page = cast.client("root_owner").get(key.credential.page_path()).content.decode()
    assert INDIVIDUAL_KEYS_DO_NOT_SYNC in page
    assert "Sync now" not in page


def test_syncing_an_individual_key_by_hand_checks_it(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root, apple.issue(kind=Kind.INDIVIDUAL))
    work()
    cast.client("root_owner").post(reverse("sync-now", args=[cast.root.slug, key.credential_id]))
    work()
    assert [run.kind for run in SyncRun.objects.all()] == ["CHECK", "CHECK"]
    assert not apple.requests(key, *LISTS)


def test_a_key_that_turned_out_individual_does_not_sync_its_old_team(
    apple: Apple, key: AppStoreConnectKey
) -> None:
    work()
    assert key.team is not None
    run = SyncRun.request_sync(SYSTEM, key.team, trigger=SyncRun.Trigger.MANUAL, key=key)
    AppStoreConnectKey.objects.filter(pk=key.pk).update(key_type=KeyType.INDIVIDUAL, team=None)
    work()
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("FAILED", "no-key")


def test_an_enterprise_key_asks_the_enterprise_host(
    make_apple: Callable[..., Apple], acme: Organization, wire: Wire
) -> None:
    apple = make_apple(Program.ENTERPRISE)
    key = apple.upload(acme)
    work()
    assert key.team is not None
    assert key.team.program == "ENTERPRISE"
    assert SyncRun.objects.get(kind=SyncRun.Kind.SYNC).state == "SUCCEEDED"
    assert {sent.url.split("/v1/")[0] for sent in wire.sent} == {apple.sandbox.enterprise_url}
    assert {sent.claims["aud"] for sent in wire.sent} == {"apple-developer-enterprise-v1"}
    assert by_apple_id(Device, key.team).keys() == set(apple.ids("devices"))
    assert by_apple_id(Profile, key.team).keys() == set(apple.ids("profiles"))


def test_a_team_key_asks_the_app_store_host(key: AppStoreConnectKey, apple: Apple, wire: Wire) -> None:
    work()
    assert {sent.url.split("/v1/")[0] for sent in wire.sent} == {apple.sandbox.url}
    assert {sent.claims["aud"] for sent in wire.sent} == {"appstoreconnect-v1"}


@pytest.mark.parametrize(
    ("program", "chosen", "suggested"),
    [
        (Program.ENTERPRISE, KeyType.TEAM, "an Enterprise key"),
        (Program.APP_STORE, KeyType.ENTERPRISE, "a Team key"),
    ],
)
def test_a_key_of_the_other_program_is_refused_with_the_right_type(
    make_apple: Callable[..., Apple], acme: Organization, program: Program, chosen: KeyType, suggested: str
) -> None:
    apple = make_apple(program)
    key = apple.upload(acme, key_type=chosen)
    work()
    key.credential.refresh_from_db()
    assert key.credential.status == Status.REFUSED
    assert f"Apple accepts it as {suggested}" in key.credential.status_note
    assert not SyncRun.objects.filter(kind=SyncRun.Kind.SYNC).exists()


def test_a_key_whose_type_was_corrected_leaves_its_team(
    make_apple: Callable[..., Apple], acme: Organization
) -> None:
    """What was asked for before must not put Enterprise objects into the team of the App Store."""
    apple = make_apple(Program.ENTERPRISE)
    issued = apple.issue()
    key = apple.upload(acme, issued, key_type=KeyType.TEAM)
    wrong = key.team
    assert wrong is not None
    run = SyncRun.request_sync(SYSTEM, wrong, trigger=SyncRun.Trigger.MANUAL, key=key)
    key.replace_private_key(SYSTEM, key_type=KeyType.ENTERPRISE, p8=parse_p8(issued.p8))
    work()
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("FAILED", "no-key")
    assert not Device.objects.filter(team=wrong).exists()
    right = DeveloperTeam.objects.get(program="ENTERPRISE")
    assert by_apple_id(Device, right).keys() == set(apple.ids("devices"))
