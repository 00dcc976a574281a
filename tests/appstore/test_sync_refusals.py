"""What Apple says of the key itself in the middle of syncing: the key is marked, the data stays, by the kind."""

from typing import Any

import pytest

from appstore import schedule
from appstore.models import AppStoreConnectKey, Device, SyncRun
from credentials.fields import Sealed
from credentials.models import Credential, Status
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests.appstore.apple import Apple, sync, work

REFUSALS: dict[str, tuple[dict[str, Any], str, Status, str]] = {
    # what Apple answers: the fault, the run's code, the key's status, the key's health
    "401": ({"status": 401}, "unauthorized", Status.REFUSED, "REJECTED"),
    "agreements": ({"kind": "agreements"}, "agreement-required", Status.AGREEMENT, "HEALTHY"),
    "membership": ({"kind": "membership"}, "membership-lapsed", Status.MEMBERSHIP, "HEALTHY"),
}


@pytest.fixture
def synced(key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    return key


@pytest.mark.parametrize(("fault", "code", "status", "health"), REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("path", ["/v1/bundleIds", "/v1/profiles"])
def test_the_run_fails_and_the_key_says_why(
    apple: Apple, synced: AppStoreConnectKey, path: str, fault: dict[str, Any], code: str, status: Status, health: str
) -> None:  # fmt: skip
    apple.sandbox.inject(path, times=None, **fault)
    run = sync(synced.team)
    assert (run.state, run.error_code) == ("FAILED", code)
    assert run.error_message
    synced.refresh_from_db()
    synced.credential.refresh_from_db()
    assert (synced.credential.status, synced.health) == (status, health)
    assert synced.credential.status_note == run.error_message
    # What was mirrored before stays as it was.
    assert Device.objects.at_apple().count() == 4


def test_a_refused_key_stops_the_schedule_and_a_good_check_starts_it_again(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    assert synced.team is not None
    schedule.schedule_due_syncs()
    apple.sandbox.inject(status=401, times=None)
    sync(synced.team)
    type(synced.team).objects.update(next_sync_at="2020-01-01T00:00Z")
    assert schedule.schedule_due_syncs() == 0
    apple.sandbox.clear_faults()
    SyncRun.request_check(SYSTEM, synced, trigger=SyncRun.Trigger.MANUAL)
    work()
    synced.refresh_from_db()
    assert synced.health == "HEALTHY"
    assert schedule.schedule_due_syncs() == 1


def test_another_key_of_the_team_goes_on(apple: Apple, acme: Organization) -> None:
    team = apple.upload(acme).team
    apple.upload(acme)
    work()
    assert team is not None
    chosen = team.usable_keys()[0]
    apple.sandbox.inject(status=401, times=None, key_id=chosen.key_id)
    assert sync(team).state == "FAILED"
    assert sync(team).state == "SUCCEEDED"
    assert {key.health for key in team.keys.all()} == {"REJECTED", "HEALTHY"}


def test_one_spurious_401_does_no_harm(apple: Apple, synced: AppStoreConnectKey) -> None:
    """Apple refuses valid tokens now and then: the request is asked again with a new one."""
    apple.sandbox.inject("/v1/devices", status=401)
    assert sync(synced.team).state == "SUCCEEDED"
    synced.refresh_from_db()
    assert synced.health == "HEALTHY"


def test_a_key_revoked_at_apple(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.revoke_key(synced.key_id)
    run = sync(synced.team)
    synced.credential.refresh_from_db()
    assert (run.state, synced.credential.status) == ("FAILED", Status.REFUSED)
    # Two attempts, the second with a new token, and then silence.
    assert [each.status for each in apple.requests(synced)[-2:]] == [401, 401]
    before = len(apple.requests(synced))
    assert sync(synced.team).error_code == "no-key"
    assert len(apple.requests(synced)) == before


def test_a_private_key_that_does_not_open(synced: AppStoreConnectKey) -> None:
    credential = synced.credential
    assert credential.secret is not None
    Credential.objects.filter(pk=credential.pk).update(
        secret=Sealed(credential.secret.ciphertext[::-1]), secret_changed_at="2020-01-01T00:00Z"
    )
    run = sync(synced.team)
    assert (run.state, run.error_code) == ("FAILED", "sealed")
    assert "cannot be opened" in run.error_message
