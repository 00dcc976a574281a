"""The pages of apps: added, shown with what is missing and where to make it, chosen for, frozen, removed."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from appstore.models import App, Assignment, BundleId, DeveloperTeam, Profile, SyncRun
from appstore.templatetags.appstore_ui import run_result
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests.appstore.changing import address, text
from tests.appstore.signing import (
    identity_of,
    make_app,
    make_certificate,
    make_identity,
    make_profile,
    make_team,
)
from tests.conftest import Cast
from tests.factories import make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(cast: Cast) -> DeveloperTeam:
    return make_team(cast.root)


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.client("root_owner")


def actions() -> list[str]:
    found = AuditEvent.objects.filter(action__startswith="app:").order_by("sequence")
    return list(found.values_list("action", flat=True))


def test_from_an_empty_list_to_an_app_and_back(owner: Client, cast: Cast, team: DeveloperTeam) -> None:
    known = make_profile(team, identifier="com.acme.known").bundle_id
    assert known is not None
    BundleId.objects.update(capabilities=["GAME_CENTER", "PUSH_NOTIFICATIONS"])
    its_page = address("apple-object", "bundle-ids", known.pk)
    shown = text(owner.get(its_page))
    assert "Game Center, Push Notifications" in shown
    assert f"{address('add-app')}?identifier=com.acme.known" in shown
    assert "No apps yet" in text(owner.get(address("apps")))
    assert '<option value="com.acme.known"' in text(owner.get(address("add-app")))
    data = {"platform": "IOS", "identifier": "com.acme.known", "policy": "profiles"}
    answer = owner.post(address("add-app"), data)
    app = App.objects.get()
    assert (answer["Location"], app.name) == (address("app", app.pk), "com.acme.known")
    assert address("app", app.pk) in text(owner.get(its_page))
    again = owner.post(address("add-app"), data)
    assert (again.status_code, "This app is here already." in text(again)) == (400, True)
    assert owner.post(address("add-app"), data | {"identifier": "no app"}).status_code == 400
    assert "com.acme.known" in text(owner.get(address("apps"), {"q": "known", "policy": "profiles"}))
    owner.post(address("remove-app", app.pk))
    assert not App.objects.exists()
    assert actions() == ["app:added", "app:removed"]


def test_several_of_what_apple_has_are_added_at_once(owner: Client, cast: Cast, team: DeveloperTeam) -> None:
    make_app(cast.root, identifier="com.acme.here")
    for name in ("here", "one", "two", "three", "*"):
        make_profile(team, identifier=f"com.acme.{name}")
    BundleId.objects.filter(identifier="com.acme.two").update(platform="MAC_OS", name="Two")
    shown = text(owner.get(address("add-app")))
    assert re.findall(r'name="several-bundle_ids" value="([^"]+)"', shown) == [
        "IOS:com.acme.one",
        "IOS:com.acme.three",
        "MAC_OS:com.acme.two",
    ]
    data = {"several": "1", "several-policy": "profiles"}
    for wrong in ([], ["IOS:com.acme.here"], ["IOS:com.stranger"]):
        answer = owner.post(address("add-app"), data | {"several-bundle_ids": wrong})
        assert answer.status_code == 400
    assert App.objects.count() == 1
    chosen = ["IOS:com.acme.one", "MAC_OS:com.acme.two"]
    answer = owner.post(address("add-app"), data | {"several-bundle_ids": chosen})
    assert answer["Location"] == address("apps")
    rows = App.objects.exclude(identifier="com.acme.here").order_by("identifier")
    assert [(each.platform, each.name, each.policy) for each in rows] == [
        ("IOS", "com.acme.one", "profiles"),
        ("MAC_OS", "Two", "profiles"),
    ]
    assert actions() == ["app:added"] * 3


def test_the_page_says_what_is_missing_and_where_it_is_made(
    owner: Client, cast: Cast, team: DeveloperTeam
) -> None:
    app = make_app(cast.root)
    profile = make_profile(team, kind="IOS_APP_ADHOC")
    shown = text(owner.get(address("app", app.pk)))
    key = team.keys.get()
    asked = f"key={key.pk}&amp;profile_type=IOS_APP_STORE&amp;bundle_id={profile.bundle_id_id}"
    wizard = f"{address('create-profile')}?{asked}"
    assert wizard in shown
    assert address("regenerate-profile", profile.pk) in shown
    assert "The private key of none of its certificates is here." in shown
    assert "In-House" not in shown  # its team is of another program
    reader = text(cast.client("root_viewer").get(address("app", app.pk)))
    assert wizard not in reader
    make_certificate(team)
    begun = text(owner.get(wizard.replace("&amp;", "&")))
    assert f'<option value="{profile.bundle_id_id}" selected' in begun


def test_a_choice_is_pinned_and_taken_back(owner: Client, cast: Cast, team: DeveloperTeam) -> None:
    app = make_app(cast.root)
    old, new = make_certificate(team, 20), make_certificate(team, 300)
    make_certificate(team, kind="DEVELOPMENT")
    page = address("app-slot", app.pk, "certificate:app-store")
    shown = text(owner.get(page))
    assert shown.count('name="choose"') == 2
    assert shown.index(identity_of(new).name) < shown.rindex(identity_of(old).name)
    other = make_identity(cast.other, old)
    for wrong in ("", "credential:x", f"credential:{other.pk}"):
        assert owner.post(page, {"choose": wrong}).status_code == 400
    owner.post(page, {"choose": f"credential:{identity_of_root(cast, old).pk}"})
    pin = Assignment.objects.get()
    assert pin.credential == identity_of_root(cast, old)
    assert "Chosen for this app." in text(owner.get(address("app", app.pk)))
    owner.post(page, {"unpin": str(pin.pk)})
    assert not Assignment.objects.exists()
    assert actions() == ["app:added", "app:assigned", "app:unassigned"]
    assert owner.get(address("app-slot", app.pk, "keystore")).status_code == 404


@pytest.mark.parametrize(
    ("platform", "slot", "kind"),
    [
        ("IOS", "submission-key", "app-store-connect-api-key"),
        ("IOS", "push-key", "apns-key"),
        ("ANDROID", "keystore", "android-keystore"),
        ("ANDROID", "play-key", "google-service-account-key"),
        ("ANDROID", "fcm-key", "google-service-account-key"),
    ],
)
def test_a_key_is_chosen_for_its_slot(
    owner: Client, cast: Cast, team: DeveloperTeam, platform: str, slot: str, kind: str
) -> None:
    for number in ("1", "2"):
        facts = {"team_id": "", "topics": []}
        values = {"kind": kind, "name": f"Key {number}", "identifier": number, "facts": facts}
        if kind == "app-store-connect-api-key":
            make_key(cast.root, name=f"Key {number}")
        else:
            Credential.store(SYSTEM, organization=cast.root, secret=b"k", **values)
    app, chosen = make_app(cast.root, platform=platform), Credential.objects.get(name="Key 2")
    page = address("app-slot", app.pk, slot)
    assert "Key 1" in text(owner.get(page))
    owner.post(page, {"choose": f"credential:{chosen.pk}"})
    assert Assignment.objects.get().credential == chosen
    shown = text(owner.get(address("app", app.pk)))
    assert "Chosen for this app." in shown
    assert chosen.page_path() in shown


def identity_of_root(cast: Cast, row: Any) -> Credential:
    return Credential.objects.get(organization=cast.root, identifier=row.sha256)


def test_frozen_with_a_reason_that_everybody_reads(owner: Client, cast: Cast) -> None:
    app = make_app(cast.root)
    page = address("app-settings", app.pk)
    assert owner.post(page, {"freeze": "1", "because": " "}).status_code == 400
    owner.post(page, {"freeze": "1", "because": "In review"})
    assert "In review" in text(cast.client("root_viewer").get(address("app", app.pk)))
    owner.post(page, {"unfreeze": "1"})
    owner.post(page, {"name": "Acme", "policy": "certificates"})
    app.refresh_from_db()
    assert (app.is_frozen, app.policy) == (False, "certificates")
    assert actions() == ["app:added", "app:frozen", "app:unfrozen", "app:changed"]


def test_the_plan_is_shown_and_then_ordered(owner: Client, cast: Cast, team: DeveloperTeam) -> None:
    app = make_app(cast.root)
    old = make_profile(team, make_certificate(team), profile_state="INVALID")
    share(SYSTEM, team.keys.get().credential, with_all=False, chosen=[cast.sub_a])
    make_app(cast.sub_a, name="Their app")
    page = address("ensure-signing", app.pk, "app-store")
    assert page in text(owner.get(address("app", app.pk)))
    shown = text(owner.get(page))
    assert "Apple calls it invalid." in shown
    assert "Their app" in shown
    assert "Acme Games" in shown
    assert "this plan is only shown" in shown
    answer = owner.post(page, follow=True)
    assert "The policy of Acme is “Suggest”" in text(answer)
    owner.post(address("app-settings", app.pk), {"name": "Acme", "policy": "profiles"})
    answer = owner.post(page)
    run = SyncRun.objects.get(kind="CHANGE")
    assert answer["Location"] == address("sync", run.pk)
    shown = text(owner.get(answer["Location"]))
    assert "Look at Apple for what is there for Acme" in shown
    assert address("app", app.pk) in shown
    run.cursor = {"planned": [{"do": "create-certificate"}], "report": [{"ok": True, "said": "Looked."}]}
    assert run_result(run) == "1 of 2 steps done"
    owner.post(address("app-settings", app.pk), {"freeze": "1", "because": "In review."})
    answer = owner.post(address("delete-profile", old.pk), {"key": str(team.keys.get().pk)}, follow=True)
    assert "Acme (com.acme.app) is frozen: In review." in text(answer)
    assert owner.get(address("ensure-signing", app.pk, "developer-id")).status_code == 404
    assert SyncRun.objects.filter(kind="CHANGE").count() == 1


def test_a_sub_organizations_app_is_its_own_and_uses_what_the_root_shares(
    cast: Cast, team: DeveloperTeam
) -> None:
    certificate = make_certificate(team)
    make_profile(team, certificate)
    app = make_app(cast.sub_a)
    page = reverse("app", args=[cast.sub_a.slug, app.pk])
    client = cast.client("sub_a_developer")
    assert text(client.get(page)).count("Suggested") == 0
    for credential in (team.keys.get().credential, identity_of(certificate)):
        share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    shown = text(client.get(page))
    assert shown.count("Suggested") == 4  # the certificate signs for Ad Hoc, too; and the key for submissions
    assert address("regenerate-profile", Profile.objects.get().pk) not in shown
    assert cast.client("sub_b_developer").get(page).status_code == 404
    assert cast.client("root_owner").get(page).status_code == 200
    assert cast.client("root_owner").get(address("app", app.pk)).status_code == 404
