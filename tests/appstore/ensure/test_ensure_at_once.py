"""Ensures, a renewal and a revocation in threads of their own, with workers that take what they find."""

import time
from collections.abc import Callable
from queue import Queue
from threading import Lock
from typing import Any

import pytest

from appstore import runs
from appstore.models import App, Certificate, Policy, Profile, SyncRun
from appstore.signing.ensure import ensure_signing
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple
from tests.appstore.changing import ordered
from tests.appstore.ensuring import ensured, of_kind, signs
from tests.appstore.side_by_side import side_by_side
from tests.appstore.signing import make_app

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST = 60  # seconds; a limit for a loaded machine


class Writers:
    """How many workers were at changes of one Apple team in the same moment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.most, self._lock = 0, 0, Lock()
        change = runs.WORK[SyncRun.Kind.CHANGE]

        def watched(*asked: Any) -> None:
            with self._lock:
                self.now += 1
                self.most = max(self.most, self.now)
            try:
                change(*asked)
            finally:
                with self._lock:
                    self.now -= 1

        monkeypatch.setitem(runs.WORK, SyncRun.Kind.CHANGE, watched)


def worker() -> None:
    """Until nothing is left to do. What was put off for a while has its time at once."""
    end = time.monotonic() + LONGEST
    while SyncRun.objects.active().exists():
        assert time.monotonic() < end, list(SyncRun.objects.active().values("kind", "state", "error_code"))
        if not runs.perform_next():
            SyncRun.objects.active().exclude(state="RUNNING").update(next_run_at="2026-01-01T00:00Z")
            time.sleep(0.02)


def test_two_ensures_a_renewal_and_a_revocation_at_the_same_time(
    apple: Apple, key: Any, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ordered at once, and carried out by four workers with as many keys, beside the syncs that follow."""
    for _ in range(3):
        apple.upload(app.organization).record_outcome("works", "")
    other = make_app(
        app.organization, identifier=f"{app.identifier}.other", name="Other", policy=Policy.CERTIFICATES
    )
    ensured(app)
    first, profile = Certificate.objects.get(), Profile.objects.get()
    made_of = {"bundle_id": profile.bundle_id and profile.bundle_id.apple_id, "devices": apple.ids("devices")}
    named = {"profile": profile.apple_id, "name": profile.name, "profile_type": profile.profile_type}
    orders: Queue[Callable[[], SyncRun]] = Queue()

    def take_one() -> SyncRun:
        return orders.get()()

    for each in (
        lambda: ensure_signing(SYSTEM, app, "ad-hoc"),
        lambda: ensure_signing(SYSTEM, App.objects.get(pk=app.pk), "ad-hoc"),
        lambda: ensure_signing(SYSTEM, other, "ad-hoc"),
        lambda: ordered(
            key,
            {"do": "create-certificate", "certificate_type": "DISTRIBUTION"},
            {"do": "replace-profile", "certificates": ["made"], **named, **made_of},
        ),
        lambda: ordered(key, {"do": "revoke-certificate", "certificate": first.apple_id, "name": first.name}),
    ):
        orders.put(each)
    asked = side_by_side(5, take_one)
    assert len({run.pk for run in asked}) == 4  # the same ensure twice is one

    writers = Writers(monkeypatch)
    side_by_side(4, worker)
    assert writers.most == 1
    ended = {run.state for run in SyncRun.objects.filter(pk__in=[each.pk for each in asked])}
    assert ended <= {"SUCCEEDED", "FAILED"}
    for each in (app, other):
        assert ensured(each).state == "SUCCEEDED"
        assert signs(each)
    names = sorted(each["attributes"]["name"] for each in apple.objects("profiles"))
    assert names == sorted([profile.name, f"{app.identifier}.other iOS Ad Hoc"])
    assert first.apple_id not in apple.ids("certificates")
    held = {each.identifier for each in of_kind(APPLE_CERTIFICATE)}
    there = Certificate.objects.filter(gone_at=None)
    assert {each.sha256 for each in there} <= held  # none without its private key
    assert sorted(each.apple_id for each in there) == sorted(apple.ids("certificates"))
    assert len(there) <= 2
