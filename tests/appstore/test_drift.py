"""The drift report: what is broken though Apple calls it active, what is missing, and the answer to a held sweep."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from appstore import flaws
from appstore.conditions import condition
from appstore.models import AppStoreConnectKey, BundleId, Device, HeldSweep, Profile
from organizations.models import AuditEvent
from tests.appstore.apple import Apple, sync, work
from tests.conftest import Cast


@pytest.fixture
def key(cast: Cast, apple: Apple) -> AppStoreConnectKey:
    key = apple.upload(cast.root)
    work()
    return key


def words() -> set[str]:
    return {condition(profile).words for profile in Profile.objects.all()}


def page(cast: Cast, member: str = "root_owner") -> str:
    answer = cast.client(member).get(reverse("drift", args=[cast.root.slug]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_profile_is_active_until_a_fact_says_otherwise(cast: Cast, key: AppStoreConnectKey) -> None:
    assert words() == {"Active"}
    past = timezone.now() - timedelta(days=1)
    Profile.objects.update(certificates_expire_at=past)
    assert words() == {"A certificate expired"}
    Profile.objects.update(certificates_last_until=past)
    assert words() == {"Certificate expired"}
    assert "Certificate expired" in page(cast)


def test_every_certificate_inside_counts(apple: Apple, key: AppStoreConnectKey) -> None:
    """Read from the profile's own file, the first and all others."""
    old = apple.add_certificate(days=3)["id"]
    made = apple.add_profile(certificates=[apple.ids("certificates")[0], old])["id"]
    sync(key.team)
    profile = Profile.objects.get(apple_id=made)
    assert profile.certificates_expire_at is not None
    assert profile.certificates_last_until is not None
    assert (
        profile.certificates_expire_at < timezone.now() + timedelta(days=4) < profile.certificates_last_until
    )


def test_a_disabled_device_is_a_flaw(cast: Cast, apple: Apple, key: AppStoreConnectKey) -> None:
    apple.sandbox.update(apple.team, "devices", apple.ids("devices")[0], status="DISABLED")
    sync(key.team)
    assert words() == {"Device disabled"}
    assert "Device disabled" in page(cast)
    apple.sandbox.update(apple.team, "devices", apple.ids("devices")[0], status="ENABLED")
    sync(key.team)
    assert words() == {"Active"}


def test_a_first_sync_writes_profiles_with_their_flaws_and_bundle_ids(cast: Cast, apple: Apple) -> None:
    apple.sandbox.update(apple.team, "devices", apple.ids("devices")[0], status="DISABLED")
    key = apple.upload(cast.root)
    work()
    assert words() == {"Device disabled"}
    assert not Profile.objects.filter(bundle_id=None).exists()
    assert key.team is not None
    assert flaws.find_flaws(key.team, key) == 0  # nothing was left to find


def test_a_certificate_that_is_gone_is_a_flaw(apple: Apple, key: AppStoreConnectKey) -> None:
    apple.sandbox._state.collections[apple.team.team_id]["certificates"].pop(apple.ids("certificates")[0])
    for _ in range(2):
        sync(key.team)
    assert words() == {"Certificate gone"}


def test_a_capability_that_came_later_is_a_flaw(apple: Apple, key: AppStoreConnectKey) -> None:
    profile = Profile.objects.all()[0]
    assert profile.bundle_id is not None
    BundleId.objects.filter(pk=profile.bundle_id.pk).update(capabilities=["HEALTHKIT", "UNHEARD_OF"])
    assert key.team is not None
    flaws.find_flaws(key.team, key)
    profile.refresh_from_db()
    assert profile.flaws == ["capability-missing:HEALTHKIT"]
    assert condition(profile).words == "Capability missing"


@pytest.mark.parametrize(("answer", "gone"), [("CONTINUE", 8), ("KEEP", 0)])
def test_the_answer_to_a_held_sweep(cast: Cast, make_apple: object, answer: str, gone: int) -> None:
    apple: Apple = make_apple(devices=20)  # type: ignore[operator]
    key = apple.upload(cast.root)
    work()
    for each in apple.ids("devices")[:8]:
        apple.sandbox.remove(apple.team, "devices", each)
    for _ in range(2):
        sync(key.team)
    assert "8 of 20 devices of" in page(cast)
    assert "Continue: mark 8 as gone" in page(cast)
    assert "Continue: mark" not in page(cast, "root_viewer")
    hold = HeldSweep.objects.get()
    client = cast.client("root_owner")
    said = client.post(
        reverse("answer-hold", args=[cast.root.slug, hold.pk]), {"answer": answer}, follow=True
    )
    assert ("8 marked as gone." if gone else "8 kept as they are.") in said.content.decode()
    assert Device.objects.exclude(gone_at=None).count() == gone
    event = AuditEvent.objects.get(action="sync:hold-answered")
    assert (event.actor_label, event.facts["outcome"]) == (cast.root_owner.email, answer)
    # It is not asked about again.
    for _ in range(2):
        sync(key.team)
    assert not HeldSweep.objects.open().exists()
    assert Device.objects.exclude(gone_at=None).count() == gone
    assert (
        client.post(reverse("answer-hold", args=[cast.root.slug, hold.pk]), {"answer": answer}).status_code
        == 404
    )
