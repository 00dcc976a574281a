"""Extensions of an app: entered or taken from what Apple knows, shown with the slot of each, and chosen for."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from appstore.models import App, Assignment, BundleId, DeveloperTeam, SyncRun
from appstore.signing.ensure import ensure_by_policy
from appstore.signing.overview import overview_of
from appstore.signing.renewal import renew_what_ends
from appstore.signing.resolve import resolve_signing
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests.appstore.changing import address, text
from tests.appstore.signing import (
    IDENTIFIER,
    identity_of,
    in_days,
    make_app,
    make_bundle_id,
    make_certificate,
    make_profile,
    make_team,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
WIDGET, SHARE = f"{IDENTIFIER}.widget", f"{IDENTIFIER}.share"
STORE = f"profile:app-store:{WIDGET}"


@pytest.fixture
def team(cast: Cast) -> DeveloperTeam:
    return make_team(cast.root)


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.client("root_owner")


def slots(app: App) -> dict[str, tuple[str, str]]:
    """Of the App Store: slot → its state, and what is in it."""
    row = overview_of(SYSTEM, App.objects.select_related("organization__parent").get(pk=app.pk))
    found = next(each for each in row.distributions if each.distribution == "app-store")
    return {each.slot.name: (each.state.words, each.name) for each in found.slots}


def test_what_apple_knows_is_offered_and_others_are_typed(
    owner: Client, cast: Cast, team: DeveloperTeam
) -> None:
    app = make_app(cast.root)
    make_app(cast.root, identifier=f"{IDENTIFIER}.pro")
    for each in (IDENTIFIER, WIDGET, f"{IDENTIFIER}.pro", f"{IDENTIFIER}.*", f"{IDENTIFIER}lication.x"):
        make_bundle_id(team, each)
    page = address("app-extensions", app.pk)
    shown = text(owner.get(page))
    assert re.findall(r'name="chosen" value="([^"]+)"', shown) == [WIDGET]
    assert f"{WIDGET}</span>" in text(owner.get(address("app", app.pk)))
    for wrong in ("com.other.widget", f"{IDENTIFIER}.*", IDENTIFIER, f"{IDENTIFIER}.{'x' * 150}"):
        answer = owner.post(page, {"chosen": [WIDGET], "others": wrong})
        assert (answer.status_code, f"such as {IDENTIFIER}.widget" in text(answer)) == (400, True)
    owner.post(page, {"chosen": [WIDGET], "others": f"{SHARE}\n{WIDGET}"})
    app.refresh_from_db()
    assert app.extensions == [SHARE, WIDGET]
    changed = AuditEvent.objects.get(action="app:changed")
    assert (changed.facts["what"], changed.facts["now"]) == ("extensions", f"{SHARE}, {WIDGET}")
    its_page = text(
        owner.get(address("apple-object", "bundle-ids", BundleId.objects.get(identifier=WIDGET).pk))
    )
    assert address("app", app.pk) in its_page
    assert f"IOS:{WIDGET}" not in text(owner.get(address("add-app")))
    android = make_app(cast.root, platform="ANDROID")
    assert owner.get(address("app-extensions", android.pk)).status_code == 404
    with pytest.raises(ValidationError, match="30 extensions"):
        app.set_extensions(SYSTEM, [f"{IDENTIFIER}.{number}" for number in range(31)])


def test_each_has_a_slot_and_one_certificate_serves_all(cast: Cast, team: DeveloperTeam) -> None:
    app = make_app(cast.root)
    late, early = make_certificate(team, 300), make_certificate(team, 200)
    own = make_profile(team, late, early)
    app.set_extensions(SYSTEM, [WIDGET, SHARE])
    assert slots(app) == {
        "certificate:app-store": ("Suggested", late.name),
        "profile:app-store": ("Suggested", own.name),
        f"profile:app-store:{SHARE}": ("Missing", ""),
        STORE: ("Missing", ""),
    }
    widget = make_profile(team, early, identifier=WIDGET)
    share = make_profile(team, early, identifier=SHARE, profile_state="INVALID")
    found = slots(app)
    assert found["certificate:app-store"] == ("Suggested", early.name)  # the widget's profile holds no other
    assert found[STORE] == ("Suggested", widget.name)
    assert found[f"profile:app-store:{SHARE}"] == ("Broken", share.name)
    # A build that asks for the app alone is not stopped by its extensions
    assert resolve_signing(SYSTEM, app, "app-store").is_complete


def test_one_is_chosen_taken_back_and_goes_with_its_extension(
    owner: Client, cast: Cast, team: DeveloperTeam
) -> None:
    app, certificate = make_app(cast.root), make_certificate(team)
    other, one = make_profile(team, certificate), make_profile(team, certificate, identifier=WIDGET)
    page = address("app-slot", app.pk, STORE)
    assert owner.get(page).status_code == 404
    app.set_extensions(SYSTEM, [WIDGET])
    assert page in text(owner.get(address("app", app.pk)))
    shown = text(owner.get(page))
    assert (one.name in shown, other.name in shown, WIDGET in shown) == (True, False, True)
    owner.post(page, {"choose": f"profile:{one.pk}"})
    assert slots(app)[STORE] == ("Assigned", one.name)
    Assignment.pin(SYSTEM, app, "certificate:app-store", credential=identity_of(make_certificate(team)))
    assert slots(app)[STORE] == ("Broken", one.name)  # it does not hold what was chosen
    app.set_extensions(SYSTEM, [])
    assert [each.slot for each in Assignment.objects.all()] == ["certificate:app-store"]


def test_a_build_that_asks_for_the_app_alone_waits_for_no_extension(cast: Cast, team: DeveloperTeam) -> None:
    app = make_app(cast.root, policy="profiles")
    make_profile(team, make_certificate(team))
    app.set_extensions(SYSTEM, [WIDGET])
    make_bundle_id(team, WIDGET)
    assert ensure_by_policy(SYSTEM, app, "app-store", [IDENTIFIER])[0] is None
    run, plan = ensure_by_policy(SYSTEM, app, "app-store", [IDENTIFIER, WIDGET])
    assert run is not None
    assert [step["do"] for step in plan.steps] == ["create-profile"]


def test_an_extension_that_ends_soon_renews_and_its_app_is_named(
    owner: Client, cast: Cast, team: DeveloperTeam
) -> None:
    app, certificate = make_app(cast.root, policy="profiles"), make_certificate(team)
    make_profile(team, certificate)
    app.set_extensions(SYSTEM, [WIDGET])
    assert renew_what_ends() == 0  # what is missing is nobody's wish yet
    profile = make_profile(team, certificate, identifier=WIDGET, expiration_date=in_days(5))
    App.objects.update(renewal_seen_at=None)
    assert renew_what_ends() == 1
    assert SyncRun.objects.active().filter(kind="CHANGE").count() == 1
    assert address("app", app.pk) in text(owner.get(address("delete-profile", profile.pk)))
    app.freeze(SYSTEM, "In review.")
    answer = owner.post(address("delete-profile", profile.pk), {"key": str(team.keys.get().pk)}, follow=True)
    assert "In review." in text(answer)
