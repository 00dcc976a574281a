"""A first sync mirrors exactly what Apple serves."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pytest_django import Settings

from appstore.models import AppStoreConnectKey, BundleId, Certificate, DeveloperTeam, Device, Profile, SyncRun
from credentials.models import Status
from credentials.parsing.certificate import parse_certificate
from organizations.models import AuditEvent, Organization
from tests import factories
from tests.appstore.apple import Apple, apple_ids, by_apple_id, work
from tests.appstore.test_sandbox_support import World

pytest_plugins = ["tests.appstore.test_sandbox_support"]


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def related(described: dict[str, Any], name: str) -> set[str]:
    data = described["relationships"][name]["data"]
    return {each["id"] for each in (data if isinstance(data, list) else [data])}


@pytest.fixture
def team(sandbox_world: World, settings: Settings, db: None) -> DeveloperTeam:
    """A team with a bit of everything, uploaded and synced."""
    settings.APPSTORE_API_URL = sandbox_world.sandbox.url
    issued = sandbox_world.admin
    key = factories.make_key(
        factories.make_root("Acme"), p8=issued.p8, key_id=issued.key_id, issuer_id=issued.issuer_id
    )
    work()
    assert key.team is not None
    key.team.refresh_from_db()
    return key.team


def test_every_bundle_id(team: DeveloperTeam, sandbox_world: World) -> None:
    rows = by_apple_id(BundleId, team)
    served = sandbox_world.sandbox.objects(sandbox_world.team, "bundleIds")
    assert rows.keys() == {each["id"] for each in served}
    for each in served:
        row, told = rows[each["id"]], each["attributes"]
        assert (row.identifier, row.name, row.platform, row.seed_id) == (
            told["identifier"],
            told["name"],
            told["platform"],
            told["seedId"],
        )
        assert row.is_wildcard == told["identifier"].endswith("*")


def test_every_certificate_with_its_bytes_and_fingerprints(team: DeveloperTeam, sandbox_world: World) -> None:
    rows = by_apple_id(Certificate, team)
    served = sandbox_world.sandbox.objects(sandbox_world.team, "certificates")
    assert rows.keys() == {each["id"] for each in served}
    for each in served:
        row, told = rows[each["id"]], each["attributes"]
        content = base64.b64decode(told["certificateContent"])
        facts = parse_certificate(content)
        assert bytes(row.certificate_content) == content
        assert (row.name, row.display_name, row.certificate_type, row.platform) == (
            told["name"],
            told["displayName"],
            told["certificateType"],
            told.get("platform") or "",
        )
        assert row.serial_number == told["serialNumber"].lstrip("0").upper()
        assert row.expiration_date == moment(told["expirationDate"])
        assert (row.sha1, row.sha256) == (facts.sha1, facts.sha256)
        assert row.public_key_sha256 == facts.public_key_sha256


def test_every_device(team: DeveloperTeam, sandbox_world: World) -> None:
    rows = by_apple_id(Device, team)
    served = sandbox_world.sandbox.objects(sandbox_world.team, "devices")
    assert len(rows) == len(served) == 75
    for each in served:
        row, told = rows[each["id"]], each["attributes"]
        assert (row.name, row.udid, row.device_class, row.status, row.model, row.platform) == (
            told["name"],
            told["udid"],
            told["deviceClass"],
            told["status"],
            told["model"],
            told["platform"],
        )
        assert row.udid_key == told["udid"].replace("-", "").lower()
        assert row.added_date == moment(told["addedDate"])


def test_every_profile_with_its_links(team: DeveloperTeam, sandbox_world: World) -> None:
    rows = by_apple_id(Profile, team)
    served = sandbox_world.sandbox.objects(sandbox_world.team, "profiles")
    assert rows.keys() == {each["id"] for each in served}
    with_devices = {each["attributes"]["profileType"] for each in served if related(each, "devices")}
    assert {"IOS_APP_ADHOC", "IOS_APP_DEVELOPMENT"} <= with_devices
    for each in served:
        row, told = rows[each["id"]], each["attributes"]
        assert (row.name, row.profile_type, row.profile_state, row.uuid, row.platform) == (
            told["name"],
            told["profileType"],
            told["profileState"],
            told["uuid"],
            told["platform"],
        )
        assert (row.created_date, row.expiration_date) == (
            moment(told["createdDate"]),
            moment(told["expirationDate"]),
        )
        content = told["profileContent"]
        assert (row.profile_content and bytes(row.profile_content)) == (
            base64.b64decode(content) if content else None
        )
        assert row.bundle_id.apple_id in related(each, "bundleId")
        assert apple_ids(row.certificates.all()) == related(each, "certificates")
        if content and told["profileType"].endswith("STORE"):  # its content names no devices
            assert not row.devices.exists()
        else:
            assert apple_ids(row.devices.all()) == related(each, "devices")
    assert "INVALID" in {row.profile_state for row in rows.values()}


def test_more_devices_than_apple_includes(make_apple: Callable[..., Apple], acme: Organization) -> None:
    apple = make_apple(devices=120)
    key = apple.upload(acme)
    work()
    for row in Profile.objects.filter(team=key.team):
        assert apple_ids(row.devices.all()) == set(apple.ids("devices"))
    assert Profile.objects.filter(team=key.team).count() == 2


def test_an_invalid_profile_has_no_content_and_the_links_that_apple_tells(
    apple: Apple, acme: Organization
) -> None:
    chosen = apple.ids("certificates")[:1]
    made = apple.add_profile(certificates=chosen, invalid=True)
    key = apple.upload(acme)
    work()
    row = Profile.objects.get(team=key.team, apple_id=made["id"])
    assert (row.profile_state, row.profile_content) == ("INVALID", None)
    assert row.bundle_id is not None
    assert row.bundle_id.apple_id == apple.ids("bundleIds")[0]
    assert apple_ids(row.certificates.all()) == set(chosen)
    assert apple_ids(row.devices.all()) == set(apple.ids("devices"))


def test_what_the_sync_says_of_itself(apple: Apple, key: AppStoreConnectKey) -> None:
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert (run.state, run.trigger, run.attempts) == ("SUCCEEDED", "UPLOAD", 1)
    assert (run.error_code, run.error_message) == ("", "")
    assert run.finished_at is not None
    assert {name: count["created"] for name, count in run.counts.items()} == {
        "bundleIds": 3,
        "certificates": 2,
        "devices": 4,
        "profiles": 2,
    }
    for name, count in run.counts.items():
        whole = len(apple.ids(name))
        assert (count["seen"], count["total"], count["changed"], count["gone"]) == (whole, whole, 0, 0)
    event = AuditEvent.objects.get(action="sync:finished")
    assert event.organization == key.credential.organization
    assert event.facts["counts"] == run.counts
    assert event.facts["with_key"] == key.key_id


def test_what_the_sync_says_of_team_and_key(apple: Apple, key: AppStoreConnectKey) -> None:
    work()
    key.refresh_from_db()
    assert key.team is not None
    key.team.refresh_from_db()
    key.credential.refresh_from_db()
    assert (key.team.team_id, key.team.name) == (apple.team.team_id, apple.team.name)
    assert key.team.last_synced_at is not None
    assert key.credential.last_synced_at == key.team.last_synced_at
    assert (key.credential.status, key.health) == (Status.WORKS, "HEALTHY")
    assert key.capabilities == dict.fromkeys(
        ["certificates", "profiles", "bundleIds", "devices", "users", "apps"], True
    )
    assert key.hour_limit == 1_000_000
    assert key.hour_remaining is not None


def test_all_keys_of_the_team_are_as_fresh_as_the_team(apple: Apple, acme: Organization) -> None:
    first, second = apple.upload(acme), apple.upload(acme)
    assert first.team == second.team
    work()
    for each in (first, second):
        each.credential.refresh_from_db()
    assert first.credential.last_synced_at is not None
    assert first.credential.last_synced_at == second.credential.last_synced_at


def test_two_organizations_with_the_same_apple_team_have_a_mirror_each(
    apple: Apple, acme: Organization
) -> None:
    issued = apple.issue()
    first = apple.upload(acme, issued)
    second = apple.upload(factories.make_root("Globex"), issued)
    work()
    assert first.team != second.team
    for key in (first, second):
        assert by_apple_id(Device, key.team).keys() == set(apple.ids("devices"))
