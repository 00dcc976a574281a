"""The pages on which changes at Apple are ordered: what they show first, and the steps that come of them."""

from typing import Any

import pytest
from django.test import Client

from appstore.models import AppStoreConnectKey, BundleId, Certificate, Device, Profile, SyncRun
from appstore.profile_types import PROFILE_TYPES, types_for
from appstore.sandbox.profile_types import TYPES
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE as NEW
from tests.appstore.changing import address, said, sent, text, writes
from tests.conftest import Cast


@pytest.fixture
def key(cast: Cast, apple: Apple) -> AppStoreConnectKey:
    """Synced, with a certificate for distribution whose private key is here."""
    key = apple.upload(cast.root)
    work()
    return key


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.client("root_owner")


# --- certificates


def test_a_certificate_is_created_and_its_page_says_that_the_key_is_here(
    owner: Client, key: AppStoreConnectKey
) -> None:
    page = address("create-certificate")
    assert "Apple Distribution" in text(owner.get(page))
    run = sent(owner, page, key, certificate_type="DISTRIBUTION")
    assert run.state == "SUCCEEDED"
    made = Certificate.objects.get(certificate_type="DISTRIBUTION")
    shown = text(owner.get(address("apple-object", "certificates", made.pk)))
    assert "Here, as" in shown
    listed = text(owner.get(address("apple-objects", "certificates")))
    assert listed.count(">Here</a>") == 1
    assert listed.count(">Not here<") == Certificate.objects.count() - 1
    other = Certificate.objects.exclude(pk=made.pk)[0]
    assert "Not here" in text(owner.get(address("apple-object", "certificates", other.pk)))


def test_the_places_that_are_used_are_shown_first(owner: Client, key: AppStoreConnectKey) -> None:
    assert "Places used" in text(owner.get(address("create-certificate")))
    assert "iOS Distribution" in text(owner.get(address("create-certificate")))


def test_apples_limit_offers_to_revoke_or_adopt(owner: Client, apple: Apple, key: AppStoreConnectKey) -> None:
    for _ in range(3):
        apple.add_certificate("DISTRIBUTION")
    run = sent(owner, address("create-certificate"), key, certificate_type="DISTRIBUTION")
    assert run.error_code == "limit-reached"
    shown = text(owner.get(address("sync", run.pk)))
    assert "Choose one to revoke" in shown
    assert "adopt one" in shown


def test_revoking_shows_the_profiles_that_break(owner: Client, key: AppStoreConnectKey) -> None:
    doomed = Certificate.objects.filter(profiles__isnull=False)[0]
    page = address("revoke-certificate", doomed.pk)
    shown = text(owner.get(page))
    assert "cannot be undone" in shown
    assert all(profile.name in shown for profile in doomed.profiles.all())
    assert sent(owner, page, key).state == "SUCCEEDED"
    doomed.refresh_from_db()
    assert doomed.gone_at is not None


def test_a_renewal_names_what_it_makes_anew_and_leaves_the_old_one(
    owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    old = Certificate.objects.filter(certificate_type="IOS_DISTRIBUTION", profiles__isnull=False)[0]
    profiles = list(old.profiles.filter(profile_type="IOS_APP_ADHOC"))
    page = address("renew-certificate", old.pk)
    assert all(profile.name in text(owner.get(page)) for profile in profiles)
    run = sent(owner, page, key)
    assert run.state == "SUCCEEDED", run.error_message
    assert old.apple_id in apple.ids("certificates")
    for profile in profiles:
        new = Profile.objects.get(name=profile.name, gone_at=None)
        assert old.pk not in {each.pk for each in new.certificates.all()}


# --- profiles


def test_a_profile_is_made_in_steps_and_shown_before_it_is(
    owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    first = text(owner.get(address("create-profile")))
    assert "iOS Ad Hoc" in first
    assert "In-House" not in first  # of the Enterprise program
    page = f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_ADHOC"
    chosen = {
        "bundle_id": str(BundleId.objects.order_by("identifier")[0].pk),
        "certificates": [str(Certificate.objects.get(certificate_type="IOS_DISTRIBUTION").pk)],
        "devices": [str(each.pk) for each in Device.objects.filter(status="ENABLED")[:2]],
        "name": "Acme Ad Hoc",
    }
    preview = owner.post(page, chosen)
    assert preview.status_code == 200
    assert "It will be" in text(preview)
    assert "The private key of none of them is here" in text(preview)
    assert writes(apple, key) == []
    run = sent(owner, page, key, **chosen, confirm="1")
    assert said(run) == ["Made the profile “Acme Ad Hoc”."]
    assert Profile.objects.get(name="Acme Ad Hoc").devices.count() == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"certificates": []}, "certificates"),
        ({"devices": []}, "devices"),
        ({"bundle_id": "00000000-0000-4000-8000-000000000000"}, "bundle_id"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_what_a_profile_lacks_is_told(
    owner: Client, key: AppStoreConnectKey, change: dict[str, Any], told: str
) -> None:
    page = f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_ADHOC"
    chosen = {
        "bundle_id": str(BundleId.objects.all()[0].pk),
        "certificates": [str(Certificate.objects.get(certificate_type="IOS_DISTRIBUTION").pk)],
        "devices": [str(Device.objects.filter(status="ENABLED")[0].pk)],
        "confirm": "1",
    }
    answer = owner.post(page, chosen | change)
    assert answer.status_code == 400
    assert told in answer.context["form"].errors


def test_a_taken_name_is_told_before_apple_is_asked(owner: Client, key: AppStoreConnectKey) -> None:
    taken = Profile.objects.all()[0]
    page = f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_STORE"
    chosen = {
        "bundle_id": str(BundleId.objects.all()[0].pk),
        "certificates": [str(Certificate.objects.get(certificate_type="IOS_DISTRIBUTION").pk)],
        "name": taken.name,
        "confirm": "1",
    }
    answer = owner.post(page, chosen)
    assert answer.status_code == 400
    assert "make that one anew" in text(answer)


def test_making_it_anew_shows_what_comes_and_goes(
    owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    old = Profile.objects.filter(profile_type="IOS_APP_ADHOC")[0]
    sent(owner, address("register-devices"), key, devices=f"{NEW}, Ada's phone", platform="IOS")
    shown = text(owner.get(address("apple-object", "profiles", old.pk)))
    assert "Ada&#x27;s phone" in shown  # it is said to be lacking
    new = Device.objects.get(udid=NEW)
    page = address("regenerate-profile", old.pk)
    enabled = [str(each.pk) for each in Device.objects.filter(status="ENABLED", device_class="IPHONE")]
    chosen = {
        "certificates": [str(Certificate.objects.get(certificate_type="IOS_DISTRIBUTION").pk)],
        "devices": {str(new.pk), *enabled},
    }
    preview = owner.post(page, {"key": str(key.pk), **chosen})
    assert "Comes in" in text(preview)
    assert "Goes out" in text(preview)  # the certificate for development
    run = sent(owner, page, key, **chosen, confirm="1")
    assert run.state == "SUCCEEDED", run.error_message
    made = Profile.objects.get(name=old.name, gone_at=None)
    assert new.pk in {each.pk for each in made.devices.all()}
    assert (
        "Ada&#x27;s phone"
        not in text(owner.get(address("apple-object", "profiles", made.pk))).split("Devices inside")[0]
    )


def test_the_sandbox_and_the_product_agree_on_what_a_profile_takes() -> None:
    for name, kind in TYPES.items():
        ours = PROFILE_TYPES[name]
        assert set(kind.certificate_types) <= set(ours.certificates), name
        assert bool(kind.device_classes) is ours.names_devices, name


def test_enterprise_keys_make_no_profiles_for_the_store() -> None:
    assert {each.distribution for each in types_for(is_enterprise=True)} == {
        "in-house",
        "ad-hoc",
        "development",
    }
    assert "in-house" not in {each.distribution for each in types_for(is_enterprise=False)}


# --- who, and how far


def test_without_a_key_that_can_write_the_page_says_what_to_do(cast: Cast, owner: Client) -> None:
    for route in ("create-certificate", "create-profile", "register-devices", "register-bundle-id"):
        assert "Add App Store Connect API key" in text(owner.get(address(route)))


def test_another_organizations_key_is_no_choice(
    cast: Cast, owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    foreign = apple.upload(cast.other)
    data = {"key": str(foreign.pk), "certificate_type": "DISTRIBUTION"}
    answer = owner.post(address("create-certificate"), data)
    assert answer.status_code == 400
    assert "key" in answer.context["form"].errors


def test_the_runs_page_tells_each_step(owner: Client, key: AppStoreConnectKey) -> None:
    data = {"key": str(key.pk), "devices": f"{NEW}, Ada\n{'f' * 40}, Bob", "platform": "IOS"}
    owner.post(address("register-devices"), data)
    run = SyncRun.objects.get(kind="CHANGE")
    waiting = text(owner.get(address("sync", run.pk)))
    assert "Register the device Ada" in waiting
    assert 'hx-trigger="load delay' in waiting
    work()
    over = text(owner.get(address("sync", run.pk)))
    assert "Registered the device “Ada”." in over
    assert 'hx-trigger="load delay' not in over


def test_the_buttons_are_for_those_who_may(cast: Cast, key: AppStoreConnectKey) -> None:
    profile = Profile.objects.all()[0]
    page = address("apple-object", "profiles", profile.pk)
    assert address("regenerate-profile", profile.pk) in text(cast.client("root_owner").get(page))
    for name in ("root_viewer", "operator"):
        assert address("regenerate-profile", profile.pk) not in text(cast.client(name).get(page))
