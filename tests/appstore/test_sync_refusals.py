"""What Apple says of the key itself in the middle of syncing: the key is marked, the data stays, by the kind."""

from typing import Any

import pytest

from appstore.models import AppStoreConnectKey, Device
from credentials.fields import Sealed
from credentials.models import Credential, Status
from tests.appstore.apple import Apple, sync, work

REFUSALS: dict[str, tuple[dict[str, Any], str, Status, str]] = {
    # what Apple answers: the fault, the run's code, the key's status, the key's health
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


def test_one_spurious_401_does_no_harm(apple: Apple, synced: AppStoreConnectKey) -> None:
    """Apple refuses valid tokens now and then: the request is asked again with a new one."""
    apple.sandbox.inject("/v1/devices", status=401)
    assert sync(synced.team).state == "SUCCEEDED"
    synced.refresh_from_db()
    assert synced.health == "HEALTHY"


def test_a_private_key_that_does_not_open(synced: AppStoreConnectKey) -> None:
    credential = synced.credential
    assert credential.secret is not None
    Credential.objects.filter(pk=credential.pk).update(
        secret=Sealed(credential.secret.ciphertext[::-1]), secret_changed_at="2020-01-01T00:00Z"
    )
    run = sync(synced.team)
    assert (run.state, run.error_code) == ("FAILED", "sealed")
    assert "cannot be opened" in run.error_message
