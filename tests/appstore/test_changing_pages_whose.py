"""Whose keys, teams and programs the pages of changes serve, and whose they do not."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from appstore.models import AppStoreConnectKey, BundleId, Certificate, Device, Profile, SyncRun
from appstore.sandbox.model import Kind, Program
from credentials.sharing import share
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple, work
from tests.appstore.changing import NEW_DEVICE, address, text
from tests.conftest import Cast

OF_ONE_OBJECT = [
    ("revoke-certificate", Certificate), ("renew-certificate", Certificate), ("delete-profile", Profile),
    ("delete-bundle-id", BundleId), ("change-bundle-id", BundleId), ("change-device", Device),
    ("regenerate-profile", Profile),
]  # fmt: skip


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


# --- other teams


@pytest.fixture
def other_team(cast: Cast, apple: Apple, key: AppStoreConnectKey) -> AppStoreConnectKey:
    """A key of another team of the same organization."""
    other = Apple.with_team(apple.sandbox).upload(cast.root)
    work()
    assert other.team_id != key.team_id
    return other


@pytest.mark.parametrize("field", ["bundle_id", "certificates", "devices"])
def test_a_profile_takes_nothing_of_another_team(
    owner: Client, key: AppStoreConnectKey, other_team: AppStoreConnectKey, field: str
) -> None:
    def own(team: Any) -> dict[str, str]:
        rows = {
            "bundle_id": BundleId.objects.filter(team=team),
            "certificates": Certificate.objects.filter(team=team, certificate_type="IOS_DISTRIBUTION"),
            "devices": Device.objects.filter(team=team, status="ENABLED"),
        }
        return {name: str(found[0].pk) for name, found in rows.items()}

    page = f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_ADHOC"
    chosen = own(key.team) | {field: own(other_team.team)[field], "confirm": "1"}
    answer = owner.post(page, chosen)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {field}


def test_another_teams_key_changes_nothing(
    owner: Client, key: AppStoreConnectKey, other_team: AppStoreConnectKey
) -> None:
    before = SyncRun.objects.filter(kind="CHANGE").count()
    for route, model in OF_ONE_OBJECT:
        thing = model.objects.filter(team=key.team)[0]
        data = {"key": str(other_team.pk), "name": "x", "status": "DISABLED", "confirm": "1"}
        assert owner.post(address(route, thing.pk), data).status_code == 400, route
    assert SyncRun.objects.filter(kind="CHANGE").count() == before


def test_a_team_without_a_usable_key_is_not_offered(
    owner: Client, key: AppStoreConnectKey, other_team: AppStoreConnectKey
) -> None:
    AppStoreConnectKey.objects.filter(pk=other_team.pk).update(health="REJECTED")
    thing = Certificate.objects.filter(team=other_team.team)[0]
    assert "No key of this organization can change anything" in text(
        owner.get(address("revoke-certificate", thing.pk))
    )
    assert owner.post(address("revoke-certificate", thing.pk), {"key": str(other_team.pk)}).status_code == 400
    assert str(other_team.pk) not in text(owner.get(address("create-certificate")))


# --- programs


def test_the_enterprise_program_has_its_own_kinds(owner: Client, cast: Cast, apple: Apple) -> None:
    enterprise = Apple.with_team(apple.sandbox, Program.ENTERPRISE)
    key = enterprise.upload(cast.root)
    work()
    shown = text(owner.get(address("create-profile")))
    assert "iOS In-House" in shown
    assert "iOS App Store" not in shown
    answer = owner.get(address("create-profile"), {"key": str(key.pk), "profile_type": "IOS_APP_STORE"})
    assert answer.status_code == 400


# --- keys


def test_a_key_says_whose_it_is(
    owner: Client, key: AppStoreConnectKey, other_team: AppStoreConnectKey
) -> None:
    shown = text(owner.get(address("create-certificate")))
    for each in AppStoreConnectKey.objects.filter(pk__in=[key.pk, other_team.pk]):
        assert f"{each} · {each.team}</option>" in shown


def test_making_anew_with_a_key_that_went_away_is_told(
    owner: Client, key: AppStoreConnectKey, other_team: AppStoreConnectKey
) -> None:
    profile = Profile.objects.filter(team=key.team, profile_type="IOS_APP_ADHOC")[0]
    data = {
        "key": str(other_team.pk),
        "certificates": [str(Certificate.objects.get(team=key.team, certificate_type="IOS_DISTRIBUTION").pk)],
        "devices": [str(profile.devices.filter(status="ENABLED")[0].pk)],
    }
    answer = owner.post(address("regenerate-profile", profile.pk), data)
    assert answer.status_code == 400
    assert "Nothing was saved" in text(answer)
    assert f'<option value="{key.pk}"' in text(answer)


def test_an_individual_key_changes_nothing(owner: Client, cast: Cast, apple: Apple) -> None:
    individual = apple.upload(cast.root, apple.issue(kind=Kind.INDIVIDUAL))
    work()
    page = address("create-certificate")
    assert "No key of this organization can change anything" in text(owner.get(page))
    assert (
        owner.post(page, {"key": str(individual.pk), "certificate_type": "DISTRIBUTION"}).status_code == 400
    )


# --- sub-organizations


def test_what_the_root_shares_is_changed_by_the_root_only(cast: Cast, key: AppStoreConnectKey) -> None:
    share(SYSTEM, key.credential, with_all=True, chosen=[])
    client, sub = cast.client("sub_a_admin"), cast.sub_a.slug
    for route, model in OF_ONE_OBJECT:
        for method in (client.get, client.post):
            answer = method(reverse(route, args=[sub, model.objects.all()[0].pk]), {"key": str(key.pk)})
            assert answer.status_code == 403, route
    for route, data in (
        ("create-certificate", {"certificate_type": "DISTRIBUTION"}),
        ("register-devices", {"devices": NEW_DEVICE, "platform": "IOS"}),
    ):
        assert client.post(reverse(route, args=[sub]), {"key": str(key.pk), **data}).status_code == 400, route
    assert not SyncRun.objects.filter(kind="CHANGE").exists()
