"""Orders that something comes between: nothing is lost that was there, and what is half done is told."""

from typing import Any

import pytest

from appstore import identities, runs
from appstore.changes import perform
from appstore.changes.doing import MADE
from appstore.changes.ordering import order
from appstore.client.errors import InvalidRequest, LimitReached, Unreachable
from appstore.models import AppStoreConnectKey, Certificate, Device, Profile, SyncRun
from appstore.sandbox.model import Role
from credentials.crypto import SealError
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.models import Credential, DuplicateCredentialError
from organizations.actors import SYSTEM, Actor
from organizations.permissions import Role as Membership
from tests import factories
from tests.appstore.apple import Apple, sync, work
from tests.appstore.changing import KilledError, carried_out, killed_in, ordered, writes

pytestmark = pytest.mark.django_db
DISTRIBUTION = {"do": "create-certificate", "certificate_type": "DISTRIBUTION"}


@pytest.fixture
def synced(apple: Apple, key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    key.refresh_from_db()
    return key


def replacing(old: Profile, **changes: Any) -> dict[str, Any]:
    assert old.bundle_id is not None
    certificate = Certificate.objects.filter(certificate_type="IOS_DISTRIBUTION")[0]
    return {
        "do": "replace-profile", "profile": old.apple_id, "name": old.name, "profile_type": old.profile_type,
        "bundle_id": old.bundle_id.apple_id, "certificates": [certificate.apple_id],
        "devices": [each.apple_id for each in old.devices.filter(status="ENABLED")],
    } | changes  # fmt: skip


def live_requests() -> list[Credential]:
    return list(Credential.objects.live().filter(kind=SIGNING_REQUEST))


def answering(monkeypatch: pytest.MonkeyPatch, step: str, **methods: Any) -> None:
    """The client of this step does something else than its own: `methods` get the client's own, and its arguments."""
    take = perform.STEPS[step]

    def taken(doing: Any, asked: dict[str, Any]) -> None:
        for name, method in methods.items():
            own = getattr(doing.client, name)
            setattr(doing.client, name, lambda *a, own=own, method=method, **k: method(own, *a, **k))
        take(doing, asked)

    monkeypatch.setitem(perform.STEPS, step, taken)


def test_a_profile_is_not_deleted_for_one_without_devices(apple: Apple, synced: AppStoreConnectKey) -> None:
    old = Profile.objects.filter(profile_type="IOS_APP_ADHOC")[0]
    run = carried_out(synced, replacing(old, devices=[]))
    assert (run.state, writes(apple, synced)) == ("FAILED", [])
    assert "at least one enabled device" in run.error_message


def test_a_profile_is_not_deleted_while_another_has_its_name(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    old = Profile.objects.order_by("apple_id")[0]
    apple.add_profile(name=old.name)
    run = carried_out(synced, replacing(old))
    assert (run.state, writes(apple, synced)) == ("FAILED", [])
    assert "another profile of this name" in run.error_message


def test_a_certificate_that_apple_does_not_list_yet_is_taken(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = set(apple.ids("certificates"))

    def late(own: Any, **asked: Any) -> Any:
        for page in own(**asked):
            page.items[:] = [each for each in page.items if each.id in known]
            yield page

    answering(monkeypatch, "replace-profile", certificates=late)
    old = Profile.objects.filter(profile_type="IOS_APP_ADHOC")[0]
    run = carried_out(synced, DISTRIBUTION, replacing(old, certificates=[MADE]))
    assert run.state == "SUCCEEDED", run.error_message


def test_a_profile_that_is_gone_and_not_made_again_is_told(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_own: Any, **_asked: Any) -> Any:
        raise InvalidRequest("No.")

    answering(monkeypatch, "replace-profile", create_profile=refused)
    old = Profile.objects.order_by("apple_id")[0]
    run = carried_out(synced, replacing(old))
    assert run.state == "FAILED"
    assert (
        f"The old profile is deleted, and Apple did not make the new one: No. Create “{old.name}”"
        in run.error_message
    )


def test_a_role_that_is_too_weak_leaves_no_request_behind(apple: Apple, acme: Any) -> None:
    key = apple.upload(acme, apple.issue(Role.DEVELOPER))
    work()
    assert carried_out(key, DISTRIBUTION).error_code == "role-too-weak"
    assert live_requests() == []


def test_a_limit_after_a_lost_answer_keeps_the_private_key(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try did make one; the second does not see it yet, and Apple counts it."""
    tries: list[str] = []

    def create(own: Any, *asked: Any) -> Any:
        tries.append("")
        if len(tries) == 1:
            own(*asked)
            raise Unreachable("Lost.")
        raise LimitReached("Apple allows no more.")

    answering(
        monkeypatch,
        "create-certificate",
        create_certificate=create,
        certificates=lambda _own, **_asked: iter(()),
    )
    run = ordered(synced, DISTRIBUTION)
    work()
    run.refresh_from_db()
    assert run.state == "WAITING"
    type(run).objects.filter(pk=run.pk).update(next_run_at=run.created_at)
    work()
    run.refresh_from_db()
    assert (run.state, run.error_code, len(tries)) == ("FAILED", "limit-reached", 2)
    assert len(live_requests()) == 1  # with it the next sync makes a signing identity of what was lost


def test_a_request_that_was_archived_meanwhile_gets_no_certificate(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(doing: Any) -> None:
        def dead(*asked: Any) -> None:
            raise KilledError

        doing.client.create_certificate = dead

    run = ordered(synced, DISTRIBUTION)
    killed_in(monkeypatch, run, "create-certificate", dies)
    (request,) = live_requests()
    request.archive(SYSTEM)
    work()
    run.refresh_from_db()
    assert run.state == "FAILED"
    assert "archived meanwhile" in run.error_message
    assert writes(apple, synced) == []


def test_a_key_that_is_archived_in_the_middle_writes_nothing_more(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def archived(own: Any, *asked: Any) -> Any:
        synced.credential.archive(SYSTEM)
        return own(*asked)

    answering(monkeypatch, "create-certificate", create_certificate=archived)
    old = Profile.objects.filter(profile_type="IOS_APP_ADHOC")[0]
    run = carried_out(synced, DISTRIBUTION, replacing(old, certificates=[MADE]))
    assert (run.state, run.error_code) == ("FAILED", "no-key")
    assert writes(apple, synced) == [("POST", "/v1/certificates")]
    assert len(run.cursor["report"]) == 1
    assert Credential.objects.live().filter(kind=APPLE_CERTIFICATE).count() == 1


def test_an_order_of_somebody_who_is_gone_is_not_carried_out(
    apple: Apple, synced: AppStoreConnectKey, acme: Any
) -> None:
    person = factories.make_user("gone@example.com")
    factories.join(person, acme, Membership.ADMIN)
    assert synced.team is not None
    old = Profile.objects.all()[0]
    step = {"do": "delete-profile", "profile": old.apple_id, "name": old.name}
    run = order(Actor(user=person), synced.team, "Deletion", [step])
    SyncRun.objects.filter(pk=run.pk).update(requested_by=None)
    work()
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("FAILED", "not-allowed")
    assert writes(apple, synced) == []


def test_a_key_that_does_not_open_after_the_first_step_is_told_as_that(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Device.objects.filter(status="ENABLED")[0]
    rename = {"do": "update-device", "device": device.apple_id, "name": "Renamed"}
    run = ordered(synced, rename, {"do": "update-device", "device": device.apple_id, "name": "Again"})
    run.cursor = {"report": [{"said": "Renamed", "ok": True}]}
    run.save(update_fields=["cursor"])

    def sealed(*_asked: Any, **_options: Any) -> None:
        raise SealError("It was changed past CredHub.")

    monkeypatch.setattr(perform, "client_for", sealed)
    runs.perform(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("FAILED", "sealed")
    assert SyncRun.objects.filter(trigger="CHANGE").count() == 1  # what the first step did is looked at


def test_an_identity_that_another_worker_stored_meanwhile_breaks_no_sync(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_out(synced, DISTRIBUTION)
    (identity,) = Credential.objects.live().filter(kind=APPLE_CERTIFICATE)

    def faster(*_asked: Any, **_options: Any) -> None:
        raise DuplicateCredentialError(identity)

    carried_out(synced, {**DISTRIBUTION, "certificate_type": "DEVELOPMENT"})
    Credential.objects.live().exclude(pk=identity.pk).filter(kind=APPLE_CERTIFICATE).delete()
    monkeypatch.setattr(identities, "store_found", faster)
    assert synced.team is not None
    assert sync(synced.team).state == "SUCCEEDED"
