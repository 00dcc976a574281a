"""Ensure whose workers die, and that is not alone: nothing is made twice, and what is there fits together."""

import random
from typing import Any

import pytest

from appstore import runs
from appstore.changes import perform
from appstore.clients import client_for
from appstore.models import App, Assignment, Certificate, Policy, Profile, SyncRun
from appstore.signing.ensure import ensure_signing
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.signing_request import SIGNING_REQUEST
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple
from tests.appstore.changing import NEW_DEVICE, KilledError, ordered
from tests.appstore.ensuring import ensured, of_kind, one_of_each, signs, work
from tests.appstore.signing import make_app
from tests.thoroughness import first_of

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("seed", first_of(range(20), count=8))
def test_killed_anywhere_it_ends_with_one_of_each(
    apple: Apple, key: Any, app: App, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A worker dies, up to three times. Another one goes on with the run, or (every other time) the run is given up,
    and asked for again."""
    if seed % 7 == 6:  # with one more device what is there is made anew
        ensured(app)
        ordered(key, {"do": "register-device", "name": "New", "udid": NEW_DEVICE, "platform": "IOS"})
        work()
    killer, dice = Killer(monkeypatch), random.Random(seed)
    run = ensure_signing(SYSTEM, app, "ad-hoc")
    for most in (36, 26, 16):  # as many moments as a run has, and fewer when part of it is done
        if not killer.kill(run, dice.randrange(1, most)):
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


def test_given_up_between_the_old_profile_and_the_new_one_the_choice_goes_on(
    apple: Apple, key: Any, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the answer lost, and without anything made."""
    ensured(app)
    old = Profile.objects.get()
    Assignment.pin(SYSTEM, app, "profile:ad-hoc", profile=old)
    for is_made in (True, False):
        apple.sandbox.update(apple.team, "profiles", apple.ids("profiles")[0], profileState="INVALID")
        run = ensure_signing(SYSTEM, app, "ad-hoc")
        replace = perform.STEPS["replace-profile"]

        def dies(doing: Any, step: Any, is_made: bool = is_made, replace: Any = replace) -> None:
            create = doing.client.create_profile

            def dead(**asked: Any) -> None:
                if is_made:
                    create(**asked)
                raise KilledError

            doing.client.create_profile = dead
            replace(doing, step)

        monkeypatch.setitem(perform.STEPS, "replace-profile", dies)
        with pytest.raises(KilledError):
            runs.perform(run.pk)
        monkeypatch.setitem(perform.STEPS, "replace-profile", replace)
        SyncRun.objects.all().delete()
        assert ensured(app).state == "SUCCEEDED"
        one_of_each(apple)
        assert Assignment.objects.get().profile == Profile.objects.get(gone_at=None, name=old.name)
        assert signs(app)


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
