"""Ensure at Apple: once is enough, whatever happens on the way, and whoever else is at it."""

import itertools
import random
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from appstore import runs
from appstore.changes import perform
from appstore.changes.refusals import FrozenError, NotEnsuredError
from appstore.clients import client_for
from appstore.models import App, AppStoreConnectKey, Assignment, Certificate, Policy, Profile, SyncRun
from appstore.signing.ensure import ensure_signing, plan_for
from appstore.signing.renewal import renew_what_ends
from appstore.signing.resolve import resolve_signing
from credentials.kinds import signing_request
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.making.signing_request import new_signing_request
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests.appstore.apple import Apple
from tests.appstore.changing import KilledError, ordered, said, writes
from tests.appstore.signing import in_days, make_app

pytestmark = pytest.mark.django_db
_numbers = itertools.count(1)
WHOLE = [("POST", "/v1/bundleIds"), ("POST", "/v1/certificates"), ("POST", "/v1/profiles")]


@pytest.fixture
def apple(make_apple: Any) -> Apple:
    """Two devices, and neither certificates nor profiles."""
    found: Apple = make_apple(certificates=0, profiles=0, bundle_ids=0, devices=2)
    return found


@pytest.fixture
def key(apple: Apple, acme: Organization, monkeypatch: pytest.MonkeyPatch) -> AppStoreConnectKey:
    """One that was checked, and has not key: ensure looks at Apple itself. Private keys are of a few that all tests
    share, each test from the first on."""
    key = apple.upload(acme)
    key.record_outcome("works", "")
    SyncRun.objects.all().delete()
    made = itertools.count()
    monkeypatch.setattr(signing_request, "new_signing_request", lambda *asked: private_key(next(made)))
    return key


@cache
def private_key(_number: int) -> Any:
    return new_signing_request("Acme", "", "")


@pytest.fixture
def app(key: AppStoreConnectKey) -> App:
    # A bundle ID is of one team alone, and all tests share one Apple.
    identifier = f"com.acme.app{next(_numbers)}"
    return make_app(key.credential.organization, policy=Policy.CERTIFICATES, identifier=identifier)


def work() -> None:
    """What a worker does with changes; the syncs after them are others' business."""
    while run := SyncRun.objects.due().filter(kind="CHANGE").order_by("created_at").first():
        runs.perform_next(hint=run.pk)


def ensured(app: App, distribution: str = "ad-hoc", **options: Any) -> SyncRun:
    run = ensure_signing(SYSTEM, app, distribution, **options)
    work()
    run.refresh_from_db()
    return run


def of_kind(kind: str) -> list[Credential]:
    return list(Credential.objects.live().filter(kind=kind))


def one_of_each(apple: Apple) -> None:
    """One certificate, whose key is here, and one profile, which holds it and all enabled devices."""
    (certificate,), (profile,) = apple.objects("certificates"), apple.objects("profiles")
    assert len(of_kind(APPLE_CERTIFICATE)) == 1
    related = profile["relationships"]
    assert [each["id"] for each in related["certificates"]["data"]] == [certificate["id"]]


def signs(app: App, distribution: str = "ad-hoc") -> bool:
    found = resolve_signing(SYSTEM, app, distribution)
    return found.is_complete and not found.profile.warnings


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


def test_a_device_more_makes_the_profile_anew_under_its_name_and_its_pin(
    apple: Apple, key: Any, app: App
) -> None:
    ensured(app)
    old = Profile.objects.get(gone_at=None)
    Assignment.pin(SYSTEM, app, "profile:ad-hoc", profile=old)
    register = {
        "do": "register-device",
        "name": "New",
        "udid": "00008101-000A11223344001E",
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


# --- killed


class Killer:
    """Workers die at a request, before or behind it, or at a commit: after `left` such moments."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 0
        own_commit = SyncRun.commit

        def watched(*asked: Any, **options: Any) -> Any:
            client: Any = client_for(*asked, **options)
            sent = client._transport._once

            def once(*a: Any) -> Any:
                self.tick()
                answer = sent(*a)
                self.tick()
                return answer

            client._transport._once = once
            return client

        def committing(run: SyncRun) -> Any:
            if run.kind == "CHANGE":
                self.tick()
            return own_commit(run)

        monkeypatch.setattr(perform, "client_for", watched)
        monkeypatch.setattr(SyncRun, "commit", committing)

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise KilledError

    def kill(self, run: SyncRun, left: int) -> bool:
        """False: it got through."""
        SyncRun.objects.exclude(kind="CHANGE").delete()
        self.left = left
        try:
            runs.perform(run.pk)
        except KilledError:
            return True
        finally:
            self.left = 0
        return False


def again(run: SyncRun) -> None:
    """Its lease ends, and the sweeper gives the run back."""
    SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.QUEUED, lease_until=None)


@pytest.mark.parametrize("seed", range(10))
def test_killed_anywhere_it_ends_with_one_of_each(
    apple: Apple, key: Any, app: App, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A worker dies, twice; another one goes on with the run, or (every other time) the run is given up, and asked
    for again."""
    killer, dice = Killer(monkeypatch), random.Random(seed)
    run = ensure_signing(SYSTEM, app, "ad-hoc")
    for _ in range(2):
        if not killer.kill(run, dice.randrange(1, 45)):
            break
        if seed % 2:
            SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.DEAD, lease_until=None)
            run = ensure_signing(SYSTEM, app, "ad-hoc")
        else:
            again(run)
    work()
    run.refresh_from_db()
    assert run.state == "SUCCEEDED", run.error_message
    one_of_each(apple)
    assert signs(app)
    done = len(writes(apple, key))
    assert ensured(app).state == "SUCCEEDED"
    assert len(writes(apple, key)) == done


# --- side by side


@pytest.mark.parametrize("seed", range(3))
def test_two_ensures_a_renewal_and_a_revocation_in_any_order(
    apple: Apple, key: Any, app: App, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Their workers die in the middle and take turns; what is there in the end fits together."""
    other = make_app(
        app.organization, identifier=f"{app.identifier}.other", name="Other", policy=Policy.CERTIFICATES
    )
    ensured(app)
    first = Certificate.objects.get()
    profile = Profile.objects.get(gone_at=None)
    killer, dice = Killer(monkeypatch), random.Random(seed)
    renewal = ordered(
        key,
        {"do": "create-certificate", "certificate_type": "DISTRIBUTION"},
        {
            "do": "replace-profile", "profile": profile.apple_id, "name": profile.name,
            "profile_type": "IOS_APP_ADHOC", "bundle_id": profile.bundle_id and profile.bundle_id.apple_id,
            "certificates": ["made"], "devices": apple.ids("devices"),
        },
    )  # fmt: skip
    at_once = [
        renewal,
        ordered(key, {"do": "revoke-certificate", "certificate": first.apple_id, "name": first.name}),
        ensure_signing(SYSTEM, app, "ad-hoc"),
        ensure_signing(SYSTEM, other, "ad-hoc"),
    ]
    for _ in range(6):
        run = dice.choice(at_once)
        run.refresh_from_db()
        if run.is_active:
            killer.kill(run, dice.randrange(5, 40))
            for left in SyncRun.objects.filter(state=SyncRun.State.RUNNING):
                again(left)
    work()
    for each in (app, other):
        SyncRun.objects.filter(kind="CHANGE", state="WAITING").update(next_run_at="2026-01-01T00:00Z")
        assert ensured(each).state == "SUCCEEDED"
        assert signs(each)
    names = [each["attributes"]["name"] for each in apple.objects("profiles")]
    assert sorted(names) == sorted([profile.name, f"{app.identifier}.other iOS Ad Hoc"])
    assert first.apple_id not in apple.ids("certificates")
    held = {each.identifier for each in of_kind(APPLE_CERTIFICATE)}
    assert {each.sha256 for each in Certificate.objects.filter(gone_at=None)} <= held  # none without its key
    assert len(apple.objects("certificates")) <= 2


def test_who_was_overtaken_makes_nothing_twice(
    apple: Apple, key: Any, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker dies when its request is sealed; another run makes the certificate; the first one goes on."""
    run = ensure_signing(SYSTEM, app, "ad-hoc")
    create = perform.STEPS["create-certificate"]

    def dead(*asked: Any) -> None:
        raise KilledError

    def dies(doing: Any, step: Any) -> None:
        doing.client.create_certificate = dead
        create(doing, step)

    monkeypatch.setitem(perform.STEPS, "create-certificate", dies)
    with pytest.raises(KilledError):
        runs.perform(run.pk)
    monkeypatch.setitem(perform.STEPS, "create-certificate", create)
    run.refresh_from_db()
    assert run.cursor["memory"]["sent"]
    SyncRun.objects.filter(pk=run.pk).update(
        state="WAITING", lease_until=None, next_run_at="2999-01-01T00:00Z"
    )
    ensured(app, "app-store")
    SyncRun.objects.filter(pk=run.pk).update(next_run_at="2026-01-01T00:00Z")
    work()
    run.refresh_from_db()
    assert run.state == "SUCCEEDED", run.error_message
    assert len(apple.objects("certificates")) == len(of_kind(SIGNING_REQUEST)) == 1
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
