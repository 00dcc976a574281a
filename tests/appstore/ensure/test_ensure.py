"""Ensure at Apple: once is enough, whatever happens on the way, and whoever else is at it."""

from datetime import timedelta
from typing import Any

import pytest

from appstore.changes.refusals import FrozenError, NotEnsuredError
from appstore.models import App, Assignment, Certificate, Policy, Profile, SyncRun
from appstore.sandbox.model import Program
from appstore.signing.ensure import ensure_signing, plan_for
from appstore.signing.renewal import renew_what_ends
from appstore.signing.resolve import resolve_signing
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests.appstore.apple import Apple
from tests.appstore.changing import NEW_DEVICE, ordered, said, writes
from tests.appstore.ensuring import ensured, of_kind, signs, work
from tests.appstore.signing import in_days, make_app
from tests.factories import make_root

pytestmark = pytest.mark.django_db
WHOLE = [("POST", "/v1/bundleIds"), ("POST", "/v1/certificates"), ("POST", "/v1/profiles")]


def test_from_nothing_to_everything_and_then_nothing_more(apple: Apple, key: Any, app: App) -> None:
    run = ensured(app)
    assert run.state == "SUCCEEDED", run.error_message
    assert writes(apple, key) == WHOLE
    assert said(run)[0].endswith("3 steps to take.")
    assert len(said(run)) == 4
    assert signs(app)
    again = ensured(app)
    assert again.pk != run.pk
    assert (again.state, writes(apple, key)) == ("SUCCEEDED", WHOLE)
    assert "everything is there" in said(again)[0]
    assert plan_for(SYSTEM, app, "ad-hoc").is_done
    # The other distribution of the same certificate
    assert ensured(app, "app-store").state == "SUCCEEDED"
    assert writes(apple, key) == [*WHOLE, ("POST", "/v1/profiles")]


def test_extensions_are_signed_with_their_app(apple: Apple, key: Any, app: App) -> None:
    ensured(app)
    widget, share = f"{app.identifier}.widget", f"{app.identifier}.share"
    app.set_extensions(SYSTEM, [widget, share])
    run = ensured(app)
    assert run.state == "SUCCEEDED", run.error_message
    made = [("POST", "/v1/bundleIds")] * 2 + [("POST", "/v1/profiles")] * 2
    assert writes(apple, key) == WHOLE + made
    found = resolve_signing(SYSTEM, app, "ad-hoc", app.bundle_ids)
    assert found.is_complete
    names = {each: found.profiles[each].name for each in app.bundle_ids}
    assert names == {each: f"{each} iOS Ad Hoc" for each in app.bundle_ids}
    assert ensured(app).state == "SUCCEEDED"
    apple.sandbox.remove(apple.team, "profiles", found.profiles[share].profile.apple_id)  # type: ignore[union-attr]
    assert ensured(app).state == "SUCCEEDED"
    assert writes(apple, key) == [*WHOLE, *made, ("POST", "/v1/profiles")]


def test_a_device_more_makes_the_profile_anew_under_its_name_and_its_pin(
    apple: Apple, key: Any, app: App
) -> None:
    ensured(app)
    old = Profile.objects.get(gone_at=None)
    Assignment.pin(SYSTEM, app, "profile:ad-hoc", profile=old)
    register = {
        "do": "register-device",
        "name": "New",
        "udid": NEW_DEVICE,
        "platform": "IOS",
    }
    ordered(key, register)
    work()
    assert not signs(app)
    run = ensured(app)
    assert run.state == "SUCCEEDED", run.error_message
    assert writes(apple, key)[-2:] == [
        ("DELETE", f"/v1/profiles/{old.apple_id}"),
        ("POST", "/v1/profiles"),
    ]
    new = Profile.objects.get(gone_at=None)
    assert (new.name, Assignment.objects.get().profile) == (old.name, new)
    assert signs(app)


def test_other_platforms(apple: Apple, key: Any, app: App) -> None:
    for platform, distribution in (("MAC_OS", "app-store"), ("TV_OS", "app-store")):
        other = make_app(
            app.organization, platform=platform, identifier=f"{app.identifier}.{platform[:2].lower()}",
            policy=Policy.CERTIFICATES,
        )  # fmt: skip
        run = ensured(other, distribution)
        assert run.state == "SUCCEEDED", run.error_message
        assert signs(other, distribution)
    assert len(apple.objects("certificates")) == 1  # Apple Distribution serves all of them


def test_the_enterprise_program(make_apple: Any, app: App) -> None:
    enterprise = make_apple(Program.ENTERPRISE, certificates=0, profiles=0, bundle_ids=0, devices=0)
    root = make_root("Acme Inside")
    enterprise.upload(root).record_outcome("works", "")
    inside = make_app(root, identifier=f"{app.identifier}.inside", policy=Policy.CERTIFICATES)
    run = ensured(inside, "in-house")
    assert run.state == "SUCCEEDED", run.error_message
    assert signs(inside, "in-house")


def test_a_revoked_certificate_is_made_again(apple: Apple, key: Any, app: App) -> None:
    ensured(app)
    old = Certificate.objects.get()
    apple.sandbox.remove(
        apple.team, "certificates", old.apple_id
    )  # on Apple's website: the mirror knows nothing of it
    run = ensured(app)
    assert run.state == "SUCCEEDED", run.error_message
    assert Certificate.objects.get(gone_at=None).pk != old.pk
    assert len(apple.objects("profiles")) == 1
    assert signs(app)


# --- who may not


def test_frozen_nothing_is_ordered_and_nothing_that_was_ordered_is_done(
    apple: Apple, key: Any, app: App
) -> None:
    ensured(app)
    before = writes(apple, key)
    profile, certificate = Profile.objects.get(), Certificate.objects.get()
    bundle_id = profile.bundle_id and profile.bundle_id.apple_id
    steps: list[dict[str, Any]] = [
        {"do": "delete-profile", "profile": profile.apple_id, "name": "x"},
        {"do": "revoke-certificate", "certificate": certificate.apple_id, "name": "x"},
        {"do": "delete-bundle-id", "bundle_id": bundle_id, "identifier": "x"},
        {"do": "create-profile", "bundle_id": bundle_id, "name": "x"},
    ]
    waiting = [ordered(key, step) for step in steps]
    app.freeze(SYSTEM, "In review.")
    work()
    for run in waiting:
        run.refresh_from_db()
        assert (run.state, run.error_code) == ("FAILED", "frozen")
        assert "In review." in run.error_message
    for step in steps:
        with pytest.raises(FrozenError):
            ordered(key, step)
    with pytest.raises(FrozenError):
        ensure_signing(SYSTEM, app, "ad-hoc")
    assert writes(apple, key) == before
    app.unfreeze(SYSTEM)
    assert ordered(key, steps[0]).state == "QUEUED"


def test_policies(apple: Apple, key: Any, app: App) -> None:
    for policy in (Policy.OFF, Policy.SUGGEST):
        app.change(SYSTEM, name=app.name, policy=policy)
        with pytest.raises(NotEnsuredError):
            ensure_signing(SYSTEM, app, "ad-hoc")
    assert plan_for(SYSTEM, app, "app-store").steps[-1]["do"] == "create-profile"
    app.change(SYSTEM, name=app.name, policy=Policy.PROFILES)
    run = ensured(app)
    assert (run.state, run.error_code) == ("FAILED", "not-ensured")
    assert "allows no certificates" in run.error_message
    app.change(SYSTEM, name=app.name, policy=Policy.CERTIFICATES)
    run = ensure_signing(SYSTEM, app, "ad-hoc")
    app.change(SYSTEM, name=app.name, policy=Policy.PROFILES)
    work()
    run.refresh_from_db()
    assert run.state == "FAILED"  # what was allowed when it was ordered is not any more
    assert writes(apple, key) == []


def test_a_sub_organization_uses_the_roots_team_and_changes_nothing_of_it(
    apple: Apple, key: Any, app: App
) -> None:
    sub = app.organization.create_sub_organization(SYSTEM, "Acme Games")
    share(SYSTEM, key.credential, with_all=True, chosen=[])
    theirs = make_app(sub, identifier=app.identifier, policy=Policy.CERTIFICATES)
    assert "Ask there" in plan_for(SYSTEM, theirs, "app-store").problems[0]
    with pytest.raises(NotEnsuredError, match="belongs to"):
        ensure_signing(SYSTEM, theirs, "app-store")
    ensured(app, "app-store")
    share(SYSTEM, of_kind(APPLE_CERTIFICATE)[0], with_all=True, chosen=[])
    theirs = App.objects.select_related("organization__parent").get(pk=theirs.pk)
    assert plan_for(SYSTEM, theirs, "app-store").is_done


# --- before something ends


def test_what_ends_soon_is_renewed_once_a_day(apple: Apple, key: Any, app: App) -> None:
    ensured(app, "app-store")
    assert renew_what_ends() == 0
    Certificate.objects.update(expiration_date=in_days(20))
    assert renew_what_ends() == 0  # seen today
    for policy, runs_asked in ((Policy.SUGGEST, 0), (Policy.PROFILES, 0), (Policy.CERTIFICATES, 1)):
        app.change(SYSTEM, name=app.name, policy=policy)
        App.objects.update(renewal_seen_at=None)
        assert renew_what_ends() == runs_asked, policy
    assert renew_what_ends() == 0
    App.objects.update(renewal_seen_at=None)
    assert renew_what_ends() == 1  # the very same order waits: it is joined
    (run,) = SyncRun.objects.active().filter(kind="CHANGE")
    assert run.is_background
    assert AuditEvent.objects.filter(
        action="change:ordered", facts__what=str(run), actor_label="CredHub"
    ).exists()
    assert str(run) == "Signing of Acme for App Store, by its policy “Certificates too”"
    before = Certificate.objects.get()
    work()
    run.refresh_from_db()
    # Apple says that it is valid for a year: the mirror was what was wrong, and nothing is made
    assert (run.state, Certificate.objects.get()) == ("SUCCEEDED", before)


def test_a_new_certificate_leaves_the_old_one_and_profiles_follow(apple: Apple, key: Any, app: App) -> None:
    ensured(app, "app-store")
    old = Profile.objects.get()
    run = ensured(app, "app-store", lasts=timedelta(days=400))
    assert run.state == "SUCCEEDED", run.error_message
    assert len(apple.objects("certificates")) == 2
    (profile,) = apple.objects("profiles")
    assert profile["attributes"]["name"] == old.name
    assert len(profile["relationships"]["certificates"]["data"]) == 2
