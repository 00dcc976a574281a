"""Changes at Apple: each step does what it says once, is mirrored, is on record, and is followed by a sync."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from appstore import choice, runs
from appstore.changes.ordering import order
from appstore.models import AppStoreConnectKey, BundleId, Certificate, Device, Profile, SyncRun
from appstore.sandbox.model import Role
from organizations.audit import Action
from organizations.models import AuditEvent
from organizations.permissions import ROLE_PERMISSIONS, Permission
from organizations.permissions import Role as OurRole
from tests.appstore.apple import Apple, work
from tests.appstore.changing import KilledError, carried_out, killed_in, ordered, said, writes
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def synced(apple: Apple, key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    key.refresh_from_db()
    return key


def new_profile(apple: Apple, **changes: Any) -> dict[str, Any]:
    return {
        "do": "create-profile", "name": "Acme Ad Hoc", "profile_type": "IOS_APP_ADHOC",
        "bundle_id": apple.ids("bundleIds")[0], "certificates": [apple.ids("certificates")[0]],
        "devices": apple.ids("devices"),
    } | changes  # fmt: skip


def events(action: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_a_profile_is_made_mirrored_and_on_record(apple: Apple, synced: AppStoreConnectKey) -> None:
    run = carried_out(synced, new_profile(apple))
    assert (run.state, said(run)) == ("SUCCEEDED", ["Made the profile “Acme Ad Hoc”."])
    made = Profile.objects.get(name="Acme Ad Hoc")
    assert {each.apple_id for each in made.devices.all()} == set(apple.ids("devices"))
    assert made.bundle_id is not None
    assert made.profile_content
    (event,) = events(Action.PROFILE_CREATED)
    assert (event.subject_id, event.facts["uuid"]) == (str(made.pk), made.uuid)
    assert writes(apple, synced) == [("POST", "/v1/profiles")]
    assert SyncRun.objects.filter(kind="SYNC", trigger="CHANGE").count() == 1


def test_a_profile_is_made_anew_under_its_name(apple: Apple, synced: AppStoreConnectKey) -> None:
    old = Profile.objects.order_by("apple_id")[0]
    steps = [
        {"do": "delete-profile", "profile": old.apple_id, "name": old.name},
        new_profile(apple, name=old.name, devices=apple.ids("devices")[:1]),
    ]
    run = carried_out(synced, *steps)
    assert run.state == "SUCCEEDED"
    old.refresh_from_db()
    assert old.gone_at is not None
    new = Profile.objects.get(name=old.name, gone_at=None)
    assert [each.apple_id for each in new.devices.all()] == apple.ids("devices")[:1]


def test_what_is_gone_already_is_what_was_wanted(apple: Apple, synced: AppStoreConnectKey) -> None:
    old = Profile.objects.order_by("apple_id")[0]
    apple.sandbox.remove(apple.team, "profiles", old.apple_id)
    run = carried_out(synced, {"do": "delete-profile", "profile": old.apple_id, "name": old.name})
    assert run.state == "SUCCEEDED"


def test_a_certificate_is_revoked_and_its_profiles_are_seen_to_be_invalid(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    doomed = Certificate.objects.filter(profiles__isnull=False)[0]
    holders = set(doomed.profiles.values_list("pk", flat=True))
    step = {"do": "revoke-certificate", "certificate": doomed.apple_id, "name": doomed.name}
    assert carried_out(synced, step).state == "SUCCEEDED"
    doomed.refresh_from_db()
    assert doomed.gone_at is not None
    states = set(Profile.objects.filter(pk__in=holders).values_list("profile_state", flat=True))
    assert states == {"INVALID"}
    (event,) = events(Action.CERTIFICATE_REVOKED)
    assert event.facts["serial_number"] == doomed.serial_number


def test_devices_are_registered_and_those_that_are_refused_stop_nobody(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    known = Device.objects.all()[0]
    steps = [
        {
            "do": "register-device",
            "name": "Ada's phone",
            "udid": "00008101-000A11223344001E",
            "platform": "IOS",
        },
        {"do": "register-device", "name": "No device", "udid": "not-a-udid", "platform": "IOS"},
        {"do": "register-device", "name": "Again", "udid": known.udid.lower(), "platform": "IOS"},
    ]
    run = carried_out(synced, *steps, go_on=True)
    assert run.state == "FAILED"
    assert [line["ok"] for line in run.cursor["report"]] == [True, False, True]
    assert "1 of 3" in run.error_message
    assert "was registered before" in said(run)[2]
    assert Device.objects.filter(name="Ada's phone").count() == 1
    assert Device.objects.count() == len(apple.ids("devices"))


def test_a_device_is_renamed_and_disabled(apple: Apple, synced: AppStoreConnectKey) -> None:
    device = Device.objects.filter(status="ENABLED")[0]
    step = {"do": "update-device", "device": device.apple_id, "name": "Lost phone", "status": "DISABLED"}
    assert carried_out(synced, step).state == "SUCCEEDED"
    device.refresh_from_db()
    assert (device.name, device.status) == ("Lost phone", "DISABLED")


def test_a_bundle_id_with_its_capabilities(apple: Apple, synced: AppStoreConnectKey) -> None:
    register = {
        "do": "register-bundle-id",
        "identifier": "com.acme.new",
        "name": "New app",
        "platform": "IOS",
    }
    assert carried_out(synced, register).state == "SUCCEEDED"
    made = BundleId.objects.get(identifier="com.acme.new")
    on = {"do": "enable-capability", "bundle_id": made.apple_id, "capability": "PUSH_NOTIFICATIONS"}
    rename = {"do": "rename-bundle-id", "bundle_id": made.apple_id, "name": "Newer app"}
    assert carried_out(synced, on, rename).state == "SUCCEEDED"
    made.refresh_from_db()
    assert "PUSH_NOTIFICATIONS" in made.capabilities
    assert made.name == "Newer app"
    off = {"do": "disable-capability", "bundle_id": made.apple_id, "capability": "PUSH_NOTIFICATIONS"}
    assert carried_out(synced, off).state == "SUCCEEDED"
    made.refresh_from_db()
    assert "PUSH_NOTIFICATIONS" not in made.capabilities
    gone = {"do": "delete-bundle-id", "bundle_id": made.apple_id, "identifier": made.identifier}
    assert carried_out(synced, gone).state == "SUCCEEDED"
    made.refresh_from_db()
    assert made.gone_at is not None


# --- refusals


def test_a_refused_step_ends_the_order_with_apples_reason(apple: Apple, synced: AppStoreConnectKey) -> None:
    run = carried_out(synced, new_profile(apple, profile_type="IOS_APP_STORE"), new_profile(apple))
    assert run.state == "FAILED"
    assert "take no devices" in run.error_message
    assert said(run) == []
    assert not Profile.objects.filter(name="Acme Ad Hoc").exists()


def test_a_key_whose_role_is_too_weak_is_told(apple: Apple, acme: Any) -> None:
    key = apple.upload(acme, apple.issue(Role.DEVELOPER))
    work()
    run = carried_out(key, new_profile(apple))
    assert (run.state, run.error_code) == ("FAILED", "role-too-weak")


@pytest.mark.parametrize("status", [500, 429])
def test_a_bad_day_at_apple_puts_it_off(apple: Apple, synced: AppStoreConnectKey, status: int) -> None:
    apple.sandbox.inject("/v1/profiles", status, times=None)
    run = ordered(synced, new_profile(apple))
    runs.perform(run.pk)
    run.refresh_from_db()
    assert run.state == "WAITING"
    apple.sandbox.clear_faults()
    SyncRun.objects.filter(pk=run.pk).update(next_run_at=run.created_at)
    AppStoreConnectKey.objects.update(paused_until=None)
    work()
    run.refresh_from_db()
    assert run.state == "SUCCEEDED"
    assert (
        len([each for each in apple.objects("profiles") if each["attributes"]["name"] == "Acme Ad Hoc"]) == 1
    )


# --- killed and lost


def test_a_lost_answer_makes_no_second_profile(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.inject("/v1/profiles", kind="lost_answer", method="POST")
    run = carried_out(synced, new_profile(apple))
    assert run.state == "SUCCEEDED"
    assert writes(apple, synced) == [("POST", "/v1/profiles")]


def test_a_worker_that_dies_behind_the_write_leaves_one_profile(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ordered(synced, new_profile(apple))

    def dies(doing: Any) -> None:
        create = doing.client.create_profile

        def made_and_dead(**asked: Any) -> None:
            create(**asked)
            raise KilledError

        doing.client.create_profile = made_and_dead

    killed_in(monkeypatch, run, "create-profile", dies)
    assert not Profile.objects.filter(name="Acme Ad Hoc").exists()
    work()
    run.refresh_from_db()
    assert run.state == "SUCCEEDED"
    assert writes(apple, synced) == [("POST", "/v1/profiles")]
    assert Profile.objects.get(name="Acme Ad Hoc").devices.count() == len(apple.ids("devices"))


# --- one writer, one order


def test_the_same_order_twice_is_one(apple: Apple, synced: AppStoreConnectKey) -> None:
    first, second = ordered(synced, new_profile(apple)), ordered(synced, new_profile(apple))
    assert first.pk == second.pk
    work()
    assert len(writes(apple, synced)) == 1


def test_one_writer_for_an_apple_account_at_a_time(apple: Apple, synced: AppStoreConnectKey) -> None:
    other = apple.upload(synced.credential.organization, name="Second")
    work()
    first = ordered(synced, new_profile(apple), key=synced)
    second = ordered(synced, new_profile(apple, name="Another"), key=other)
    assert SyncRun.claim(first.pk, using=synced) is not None
    assert choice.choose(second).code == "team-busy"
    assert SyncRun.claim(second.pk, using=other) is None  # whatever anybody chose meanwhile


def test_only_who_manages_assets_orders_changes(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    assert key.team is not None
    roles = {role for role in OurRole if Permission.ASSET_MANAGE in ROLE_PERMISSIONS[role]}
    assert roles == {OurRole.OWNER, OurRole.ADMIN}
    for name in ("root_viewer", "sub_a_admin", "sub_a_developer", "outsider"):
        with pytest.raises(PermissionDenied):
            order(cast.actor(name), key.team, "No", [new_profile(apple)])
    order(cast.actor("root_owner"), key.team, "Yes", [new_profile(apple)])
    assert [each.facts["what"] for each in events(Action.CHANGE_ORDERED)] == ["Yes"]
