"""Certificates that CredHub has made at Apple: the key is here before Apple is asked, and nothing is made twice."""

import random
from typing import Any

import pytest

from appstore import runs
from appstore.changes.doing import MADE
from appstore.changes.perform import STEPS
from appstore.models import AppStoreConnectKey, Certificate, Profile, SyncRun
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.models import Credential
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple, sync, work
from tests.appstore.changing import KilledError, carried_out, killed_in, ordered, writes

pytestmark = pytest.mark.django_db
DISTRIBUTION = {"do": "create-certificate", "certificate_type": "DISTRIBUTION"}


@pytest.fixture
def synced(apple: Apple, key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    key.refresh_from_db()
    return key


def of_kind(kind: str) -> list[Credential]:
    return list(Credential.objects.live().filter(kind=kind))


def test_the_private_key_is_sealed_before_apple_is_asked(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(doing: Any) -> None:
        create = doing.client.create_certificate

        def looked(*asked: Any) -> Any:
            seen.append(Credential.objects.filter(kind=SIGNING_REQUEST).count())
            return create(*asked)

        doing.client.create_certificate = looked

    take = STEPS["create-certificate"]
    monkeypatch.setitem(STEPS, "create-certificate", lambda doing, step: (look(doing), take(doing, step)))
    run = carried_out(synced, DISTRIBUTION)
    assert (run.state, seen) == ("SUCCEEDED", [1])


def test_it_is_a_signing_identity_then(apple: Apple, synced: AppStoreConnectKey) -> None:
    carried_out(synced, DISTRIBUTION)
    (identity,) = of_kind(APPLE_CERTIFICATE)
    (request,) = of_kind(SIGNING_REQUEST)
    mirrored = Certificate.objects.get(certificate_type="DISTRIBUTION")
    assert identity.identifier == mirrored.sha256
    assert identity.facts["public_key_sha256"] == mirrored.public_key_sha256 == request.identifier
    assert identity.reveal(SYSTEM, purpose="test") == request.reveal(SYSTEM, purpose="test")
    assert identity.expires_at is not None


def test_apples_limit_is_told_and_leaves_nothing_behind(apple: Apple, synced: AppStoreConnectKey) -> None:
    for _ in range(3):
        carried_out(synced, DISTRIBUTION)
    run = carried_out(synced, DISTRIBUTION)
    assert (run.state, run.error_code) == ("FAILED", "limit-reached")
    assert "Revoke one" in run.error_message
    assert len(of_kind(SIGNING_REQUEST)) == len(of_kind(APPLE_CERTIFICATE)) == 3


@pytest.mark.parametrize("fault", ["lost_answer", "cut"])
def test_a_lost_answer_makes_no_second_one(apple: Apple, synced: AppStoreConnectKey, fault: str) -> None:
    apple.sandbox.inject("/v1/certificates", kind=fault, method="POST")
    carried_out(synced, DISTRIBUTION)
    SyncRun.objects.update(next_run_at="2026-01-01T00:00Z")
    work()
    made = [
        each
        for each in apple.objects("certificates")
        if each["attributes"]["certificateType"] == "DISTRIBUTION"
    ]
    assert len(made) == 1
    assert len(of_kind(APPLE_CERTIFICATE)) == 1


@pytest.mark.parametrize("seed", range(20))
def test_killed_anywhere_it_ends_with_one(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A worker dies before or behind a random one of its requests and commits, and again, until one gets through."""
    run = ordered(synced, DISTRIBUTION)
    dice = random.Random(seed)
    for _ in range(2):
        left = dice.randrange(1, 12)

        def dies(doing: Any, left: int = left) -> None:
            counted = [left]

            def tick() -> None:
                counted[0] -= 1
                if counted[0] == 0:
                    raise KilledError

            transport = doing.client._transport
            sent, commit = transport._once, doing.run.commit

            def once(*asked: Any) -> Any:
                tick()
                answer = sent(*asked)
                tick()
                return answer

            def committing() -> Any:
                tick()
                return commit()

            transport._once, doing.run.commit = once, committing

        killed_in(monkeypatch, run, "create-certificate", dies)
        run.refresh_from_db()
        if run.state == "SUCCEEDED":
            break
    work()
    run.refresh_from_db()
    assert run.state == "SUCCEEDED", run.error_message
    made = [
        each
        for each in apple.objects("certificates")
        if each["attributes"]["certificateType"] == "DISTRIBUTION"
    ]
    assert len(made) == 1
    assert len(of_kind(APPLE_CERTIFICATE)) == 1


def test_a_certificate_that_somebody_made_by_hand_for_a_request_is_adopted_by_a_sync(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ordered(synced, DISTRIBUTION)

    def dies(doing: Any) -> None:
        create = doing.client.create_certificate

        def made_and_dead(*asked: Any) -> None:
            create(*asked)
            raise KilledError

        doing.client.create_certificate = made_and_dead

    killed_in(monkeypatch, run, "create-certificate", dies)
    SyncRun.objects.filter(pk=run.pk).update(state="CANCELLED")
    assert of_kind(APPLE_CERTIFICATE) == []
    sync(synced.team)
    assert len(of_kind(APPLE_CERTIFICATE)) == 1


def test_an_archived_identity_stays_archived(apple: Apple, synced: AppStoreConnectKey) -> None:
    carried_out(synced, DISTRIBUTION)
    of_kind(APPLE_CERTIFICATE)[0].archive(SYSTEM)
    sync(synced.team)
    assert of_kind(APPLE_CERTIFICATE) == []


# --- profiles that are made anew with it


def replacing(old: Profile, **changes: Any) -> dict[str, Any]:
    assert old.bundle_id is not None
    return {
        "do": "replace-profile", "profile": old.apple_id, "name": old.name, "profile_type": old.profile_type,
        "bundle_id": old.bundle_id.apple_id, "certificates": [MADE],
        "devices": [each.apple_id for each in old.devices.filter(status="ENABLED")],
    } | changes  # fmt: skip


def test_a_renewal_makes_a_certificate_and_its_profiles_anew(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    old = Profile.objects.filter(profile_type="IOS_APP_ADHOC").order_by("apple_id")[0]
    run = carried_out(synced, DISTRIBUTION, replacing(old))
    assert run.state == "SUCCEEDED", run.error_message
    (identity,) = of_kind(APPLE_CERTIFICATE)
    new = Profile.objects.get(name=old.name, gone_at=None)
    assert [each.sha256 for each in new.certificates.all()] == [identity.identifier]


@pytest.mark.parametrize("what", ["certificates", "devices", "bundle_id"])
def test_the_old_profile_stays_when_the_new_one_cannot_be_made(
    apple: Apple, synced: AppStoreConnectKey, what: str
) -> None:
    old = Profile.objects.order_by("apple_id")[0]
    certificate = Certificate.objects.filter(certificate_type="IOS_DISTRIBUTION")[0].apple_id
    changes = {"certificates": [certificate], what: "ABSENT1234" if what == "bundle_id" else ["ABSENT1234"]}
    run = carried_out(synced, replacing(old, **changes))
    assert run.state == "FAILED"
    assert "choose again" in run.error_message
    assert old.apple_id in apple.ids("profiles")
    assert writes(apple, synced) == []


def test_killed_between_the_old_and_the_new_one_the_next_worker_makes_it(
    apple: Apple, synced: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Profile.objects.order_by("apple_id")[0]
    certificate = Certificate.objects.filter(certificate_type="IOS_DISTRIBUTION")[0].apple_id
    run = ordered(synced, replacing(old, certificates=[certificate]))

    def dies(doing: Any) -> None:
        def dead(**asked: Any) -> None:
            raise KilledError

        doing.client.create_profile = dead

    killed_in(monkeypatch, run, "replace-profile", dies)
    assert old.apple_id not in apple.ids("profiles")
    runs.perform(run.pk)
    run.refresh_from_db()
    assert run.state == "SUCCEEDED"
    assert Profile.objects.filter(name=old.name, gone_at=None).count() == 1
