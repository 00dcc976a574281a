"""What people and programs send to the pages that order changes, and should not."""


import pytest
from django.test import Client

from appstore.models import AppStoreConnectKey, Certificate, Device
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple, work
from tests.appstore.changing import address, text
from tests.conftest import Cast


@pytest.fixture
def key(cast: Cast, apple: Apple) -> AppStoreConnectKey:
    key = apple.upload(cast.root)
    work()
    return key


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.client("root_owner")


def test_one_key_is_not_asked_for(owner: Client, key: AppStoreConnectKey) -> None:
    shown = text(owner.get(address("create-certificate")))
    assert f'<input type="hidden" name="key" value="{key.pk}"' in shown
    assert ">API key</label>" not in shown


def test_a_key_that_went_away_meanwhile_gives_way_to_the_one_that_is_left(
    owner: Client, cast: Cast, apple: Apple, key: AppStoreConnectKey
) -> None:
    other = apple.upload(cast.root)
    work()
    other.credential.archive(SYSTEM)
    page = address("create-certificate")
    answer = owner.post(page, {"key": str(other.pk), "certificate_type": "DISTRIBUTION"})
    assert answer.status_code == 400
    shown = text(answer)
    assert f'<option value="{key.pk}"' in shown  # to be chosen, in the place of the one that was sent
    assert str(other.pk) not in shown


def test_devices_and_certificates_of_one_name_are_told_apart(
    owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    Device.objects.update(name="iPhone")
    shown = text(owner.get(f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_ADHOC"))
    for device in Device.objects.filter(status="ENABLED"):
        assert f"iPhone · …{device.udid[-6:]}" in shown
    certificate = Certificate.objects.get(certificate_type="IOS_DISTRIBUTION")
    assert f"until {certificate.expiration_date:%Y-%m-%d}" in shown


def test_only_the_places_of_what_is_made_are_shown(owner: Client, key: AppStoreConnectKey) -> None:
    assert "membership year" not in text(owner.get(address("create-certificate")))
    assert "2 or 3 of a team" not in text(owner.get(address("register-devices")))
