"""What changes at the root is said of the sub-organizations that use it, wherever it is about to change."""

import re
from typing import Any

import pytest
from django.test import Client

from appstore.changes.plans import used_by
from appstore.models import AppStoreConnectKey, Assignment, Certificate, DeveloperTeam
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from tests import factories
from tests.appstore.changing import address, text
from tests.appstore.signing import identity_of, make_app, make_certificate, make_profile
from tests.conftest import Cast


@pytest.fixture
def key(cast: Cast) -> AppStoreConnectKey:
    return factories.make_key(cast.root)


@pytest.fixture
def team(key: AppStoreConnectKey) -> DeveloperTeam:
    assert key.team is not None
    return key.team


def give(credential: Credential, *subs: Any, with_all: bool = False) -> None:
    share(SYSTEM, credential, with_all=with_all, chosen=list(subs))


def test_a_team_is_used_by_whoever_has_one_of_its_live_keys(
    cast: Cast, key: AppStoreConnectKey, team: DeveloperTeam, django_assert_num_queries: Any
) -> None:
    second = factories.make_key(cast.root)
    assert second.team == team
    assert used_by(team) == []
    give(key.credential, cast.sub_a)
    give(second.credential, cast.sub_a, cast.sub_b)
    with django_assert_num_queries(2):
        assert used_by(team) == [cast.sub_a, cast.sub_b]
    second.credential.archive(SYSTEM)
    assert used_by(team) == [cast.sub_a]
    identity = factories.make_identity(cast.root, "a" * 64)
    give(identity, with_all=True)
    assert used_by(team, identity) == [cast.sub_a, cast.sub_b]
    assert used_by(team, None, factories.make_identity(cast.other, "b" * 64)) == [cast.sub_a]
    cast.sub_a.archive(SYSTEM)
    assert used_by(team) == []


def test_every_preview_names_them(cast: Cast, key: AppStoreConnectKey, team: DeveloperTeam) -> None:
    give(key.credential, cast.sub_b)
    things = {name: rows[0] for name, rows in factories.mirror(team, 1).items()}
    owner = cast.client("root_owner")
    pages = {
        "certificates": ["revoke-certificate", "renew-certificate"],
        "profiles": ["delete-profile"],
        "devices": ["change-device"],
        "bundle-ids": ["delete-bundle-id", "change-bundle-id"],
    }
    shown = [text(owner.get(address(page, things[name].pk))) for name in pages for page in pages[name]]
    for name, do in (("profiles", "regenerate"), ("devices", "disable")):
        shown.append(text(owner.post(address(f"change-{name}"), {"pick": str(things[name].pk), "do": do})))
    chosen = {name: str(things[name].pk) for name in ("certificates", "devices")}
    again = owner.post(address("regenerate-profile", things["profiles"].pk), {"key": str(key.pk), **chosen})
    shown.append(text(again))
    shown += [
        text(owner.get(address(page, key.credential_id)))
        for page in ("archive-credential", "replace-credential")
    ]
    assert len(shown) == 11
    assert all("Used by 1 sub-organization:</strong> Acme Travel." in each for each in shown)


def test_archiving_says_what_goes_on_elsewhere(cast: Cast, key: AppStoreConnectKey) -> None:
    owner, identity = cast.client("root_owner"), factories.make_identity(cast.root, "c" * 64)
    shown = text(owner.get(address("archive-credential", key.credential_id)))
    assert "It stays active at Apple: to end it there, revoke it in App Store Connect." in shown
    shown = text(owner.get(address("archive-credential", identity.pk)))
    assert "The certificate stays valid at Apple" in shown
    assert "App Store Connect" not in shown


def test_the_apps_that_may_use_it_are_named(cast: Cast, team: DeveloperTeam) -> None:
    """Of its bundle ID, and those that it was chosen for; nobody else's, and no Android app of the same name."""
    certificate = make_certificate(team)
    profile = make_profile(team, certificate)
    make_app(cast.root, name="Shop")
    make_app(cast.sub_a, name="Theirs")
    make_app(cast.root, name="Robot", platform="ANDROID")
    make_app(cast.sub_b, name="Theirs, without it")
    make_app(cast.other, name="Stranger")
    chosen = make_app(cast.root, name="Chosen", identifier="com.acme.chosen")
    for each in (make_app(cast.root, name="None of it", identifier="com.acme.else"), chosen):
        make_profile(team, identifier=each.identifier)
    Assignment.pin(SYSTEM, chosen, "profile:app-store", profile=profile)
    owner, identity = cast.client("root_owner"), identity_of(certificate)
    for each in (team.keys.get().credential, identity):
        give(each, cast.sub_a)
    asked = {"pick": str(profile.pk), "do": "delete"}
    named = ["Chosen", "Shop", "Theirs"]
    for answer in (
        owner.get(address("delete-profile", profile.pk)),
        owner.get(address("revoke-certificate", certificate.pk)),
        owner.get(address("delete-bundle-id", profile.bundle_id_id)),
        owner.post(address("change-profiles"), asked),
        owner.get(address("archive-credential", identity.pk)),
    ):
        told = re.search(r"Apps that may use it:</strong>(.*?)</p>", text(answer))
        assert told is not None
        assert re.findall(r">([^<]+)</a>", told[1]) == named
    assert "Apps that may use it" not in text(
        owner.get(address("archive-credential", team.keys.get().credential_id))
    )


def test_whoever_has_the_signing_identity_is_named_when_its_certificate_is_revoked(
    cast: Cast, team: DeveloperTeam
) -> None:
    (certificate,) = factories.mirror(team, 1)["certificates"]
    owner: Client = cast.client("root_owner")
    page = address("revoke-certificate", certificate.pk)
    assert "No sub-organization uses it." in text(owner.get(page))
    give(factories.make_identity(cast.root, Certificate.objects.get().sha256), cast.sub_a)
    assert "Acme Games" in text(owner.get(page))
