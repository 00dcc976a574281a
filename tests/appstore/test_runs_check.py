"""The check after an upload: what Apple's answer makes of the key, and what its page says."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from appstore import runs
from appstore.models import AppStoreConnectKey, KeyType, SyncRun
from appstore.sandbox.model import Kind, Program, Role
from credentials.models import Status
from organizations.actors import SYSTEM
from organizations.models import AuditEvent, Organization
from tests.appstore.apple import Apple, Wire, work
from tests.conftest import Cast

Fault = dict[str, Any]
SYNCED = ["certificates", "profiles", "bundleIds", "devices"]
TABLE: dict[str, tuple[Fault, Status, str, str, bool]] = {
    # what Apple answers: the fault, status, health, words of the note, whether a sync follows
    "works": ({}, Status.WORKS, "HEALTHY", "Apple accepts the key. It has the Admin role.", True),
    "refused": ({"status": 401}, Status.REFUSED, "SUSPECT", "Apple does not accept this key.", False),
    "role": ({"status": 403}, Status.ROLE_TOO_WEAK, "HEALTHY", "its role may not read certificates.", True),
    "agreement": (
        {"kind": "agreements"}, Status.AGREEMENT, "HEALTHY", "Apple asks for an agreement", False,
    ),
    "membership": (
        {"kind": "membership"}, Status.MEMBERSHIP, "HEALTHY", "Program membership is not active", False,
    ),
    "server error": ({"status": 500}, Status.UNREACHABLE, "UNCHECKED", "Apple's server failed (HTTP 500)", False),
    "proxy": ({"kind": "bad_gateway"}, Status.UNREACHABLE, "UNCHECKED", "Apple's server failed (HTTP 502)", False),
    "hang": ({"kind": "hang"}, Status.UNREACHABLE, "UNCHECKED", "did not answer within 0.2 s", False),
    "nonsense": ({"kind": "malformed"}, Status.UNREACHABLE, "UNCHECKED", "not the JSON that Apple sends", False),
    "limit": ({"status": 429}, Status.UNREACHABLE, "UNCHECKED", "request limit for this key is used up", False),
}  # fmt: skip


def check(key: AppStoreConnectKey) -> SyncRun:
    """Only the check, and not the sync that may follow it."""
    run = SyncRun.objects.filter(key=key, kind=SyncRun.Kind.CHECK).latest("created_at")
    runs.perform(run.pk)
    run.refresh_from_db()
    key.refresh_from_db()
    key.credential.refresh_from_db()
    return run


def page(cast: Cast, key: AppStoreConnectKey) -> str:
    answer = cast.client("root_owner").get(reverse("credential", args=[cast.root.slug, key.credential_id]))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize(("fault", "status", "health", "words", "syncs"), TABLE.values(), ids=TABLE)
def test_what_comes_out_is_kept_and_shown(
    cast: Cast, apple: Apple, settings: Settings, fault: Fault, status: Status, health: str, words: str, syncs: bool
) -> None:  # fmt: skip
    if fault.get("kind") == "hang":
        settings.APPSTORE_READ_TIMEOUT = 0.2
    if fault:
        apple.sandbox.inject("/v1/certificates", times=None, **fault)
    key = apple.upload(cast.root)
    run = check(key)
    assert (run.state, run.error_code) == ("SUCCEEDED", "")
    assert (key.credential.status, key.health) == (status, health)
    assert key.credential.checked_at is not None
    assert words in key.credential.status_note
    shown = page(cast, key)
    assert words in shown
    assert status.label in shown
    assert SyncRun.objects.filter(kind=SyncRun.Kind.SYNC).exists() == syncs


def test_nobody_listens_there(cast: Cast, apple: Apple, settings: Settings) -> None:
    settings.APPSTORE_API_URL = "http://127.0.0.1:9"
    key = apple.upload(cast.root)
    check(key)
    assert key.credential.status == Status.UNREACHABLE
    assert "127.0.0.1:9 could not be reached" in page(cast, key)


def test_before_the_check_the_page_says_that_it_is_under_way(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    shown = page(cast, key)
    assert "Asking Apple whether the key works" in shown
    assert Status.NEVER_CHECKED.label in shown


@pytest.mark.parametrize(
    ("role", "kind", "capabilities"),
    [
        (Role.ADMIN, Kind.TEAM, dict.fromkeys([*SYNCED, "users", "apps"], True)),
        (Role.DEVELOPER, Kind.TEAM, dict.fromkeys([*SYNCED, "apps"], True) | {"users": False}),
        (Role.APP_MANAGER, Kind.TEAM, dict.fromkeys([*SYNCED, "users"], False) | {"apps": True}),
        (Role.ADMIN, Kind.INDIVIDUAL, dict.fromkeys(SYNCED, False) | {"apps": True}),
    ],
)
def test_what_the_key_may_use(
    apple: Apple, acme: Organization, role: Role, kind: Kind, capabilities: dict[str, bool]
) -> None:
    key = apple.upload(acme, apple.issue(role, kind))
    check(key)
    assert key.capabilities == capabilities


@pytest.mark.parametrize("program", list(Program))
def test_a_wrong_key_type_is_named(make_apple: Callable[..., Apple], cast: Cast, program: Program) -> None:
    apple = make_apple(program)
    wrong = KeyType.ENTERPRISE if program is Program.APP_STORE else KeyType.TEAM
    key = apple.upload(cast.root, key_type=wrong)
    check(key)
    right = "a Team key" if program is Program.APP_STORE else "an Enterprise key"
    assert f"Apple accepts it as {right}: change the key type." in page(cast, key)


def test_a_check_asks_each_endpoint_once_when_all_is_well(key: AppStoreConnectKey, wire: Wire) -> None:
    check(key)
    asked = [sent.url.split("?")[0].rpartition("/v1/")[2] for sent in wire.sent]
    assert asked == [*SYNCED, "users", "apps"]


def test_checking_by_hand_is_recorded_with_its_outcome(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    work()
    client = cast.client("root_owner")
    client.post(reverse("sync-now", args=[cast.root.slug, key.credential_id]), {"check": "1"})
    work()
    event = AuditEvent.objects.get(action="credential:checked")
    assert (event.actor_label, event.facts["outcome"]) == (cast.root_owner.email, "works")
    assert SyncRun.objects.filter(kind=SyncRun.Kind.CHECK).count() == 2


def test_a_refused_key_that_works_again_is_healthy_again(apple: Apple, key: AppStoreConnectKey) -> None:
    apple.sandbox.inject(status=401, times=None)
    check(key)
    assert key.health == "SUSPECT"
    apple.sandbox.clear_faults()
    SyncRun.request_check(SYSTEM, key, trigger=SyncRun.Trigger.MANUAL)
    check(key)
    assert (key.health, key.credential.status) == ("HEALTHY", Status.WORKS)


def test_nothing_that_apple_said_reaches_the_page_unescaped(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    key.credential.record_check(Status.REFUSED, "<script>alert(1)</script>")
    answer = cast.client("root_owner").get(reverse("credential", args=[cast.root.slug, key.credential_id]))
    assert "<script>alert(1)</script>" not in answer.content.decode()
