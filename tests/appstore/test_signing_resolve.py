"""What an app signs with: what was chosen, else what fits best, and what is wrong with it in a sentence."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appstore.models import App, Assignment, DeveloperTeam, KeyType, Profile
from appstore.signing.assets import assets_of
from appstore.signing.fitting import fitting_identifiers
from appstore.signing.key_rules import keys_of
from appstore.signing.resolve import Signing, resolve_signing
from appstore.signing.resolved import Rule, State
from appstore.signing.slots import slots_of
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from tests import factories
from tests.appstore.signing import (
    identity_of,
    in_days,
    make_app,
    make_certificate,
    make_device,
    make_identity,
    make_profile,
    make_team,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(cast: Cast) -> DeveloperTeam:
    return make_team(cast.root)


@pytest.fixture
def app(cast: Cast) -> App:
    return make_app(cast.root)


def signing(app: App, distribution: str = "app-store", **options: Any) -> Signing:
    return resolve_signing(SYSTEM, app, distribution, **options)


def test_nothing_is_there(app: App, team: DeveloperTeam) -> None:
    found = signing(app)
    assert [each.state for each in found.parts] == [State.MISSING, State.MISSING]
    assert "There is no certificate for iOS App Store" in found.problems[0]


def test_of_those_that_fit_the_one_that_ends_last(app: App, team: DeveloperTeam) -> None:
    short, long = make_certificate(team, 50), make_certificate(team, 300)
    make_certificate(team, 400, held=False)
    make_certificate(team, 500, "DEVELOPMENT")
    make_profile(team, short, days=20)
    best = make_profile(team, short, long, days=40)
    make_profile(team, long, days=90, kind="IOS_APP_ADHOC")
    found = signing(app)
    assert (found.profile.profile, found.certificate.certificate) == (best, long)
    assert found.identity == identity_of(long)
    assert (found.profile.rule, found.certificate.rule) == (Rule.EXACT, Rule.IN_PROFILE)
    assert (found.team, found.is_complete) == (team, True)
    assert found.ends == best.expiration_date


def test_a_certificate_without_a_profile_is_offered(app: App, team: DeveloperTeam) -> None:
    certificate = make_certificate(team)
    found = signing(app)
    assert found.certificate.certificate == certificate
    assert (found.certificate.state, found.profile.state) == (State.SUGGESTED, State.MISSING)


def test_the_longest_wildcard_where_none_is_exact(app: App, team: DeveloperTeam) -> None:
    certificate = make_certificate(team)
    make_profile(team, certificate, days=900, identifier="*")
    near = make_profile(team, certificate, days=10, identifier="com.acme.*")
    make_profile(team, certificate, days=900, identifier="com.other.*")
    found = signing(app)
    assert (found.profile.profile, found.profile.rule) == (near, Rule.WILDCARD)
    exact = make_profile(team, certificate, days=5)
    assert signing(app).profile.profile == exact
    assert fitting_identifiers("a.b.c") == ["a.b.c", "a.b.*", "a.*", "*"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"expiration_date": timezone.now() - timedelta(days=1)}, "expired"),
        ({"profile_state": "INVALID"}, "invalid"),
    ],
    ids=["expired", "invalid"],
)
def test_a_profile_that_is_no_good_is_broken_and_says_why(
    app: App, team: DeveloperTeam, values: dict[str, Any], words: str
) -> None:
    make_profile(team, make_certificate(team), **values)
    found = signing(app)
    assert found.profile.state == State.BROKEN
    assert words in found.profile.why
    assert found.certificate.state == State.SUGGESTED


def test_a_profile_whose_keys_are_elsewhere(app: App, team: DeveloperTeam) -> None:
    make_profile(team, make_certificate(team, held=False))
    found = signing(app)
    assert "private key of none of its certificates" in found.profile.why
    assert "1 certificate for iOS App Store, whose private key is not here" in found.certificate.why


@pytest.mark.parametrize(
    ("days", "gone", "words"), [(200, True, "revoked"), (-1, False, "expired")], ids=["gone", "expired"]
)
def test_a_chosen_certificate_that_signs_no_more(
    app: App, team: DeveloperTeam, days: int, gone: bool, words: str
) -> None:
    certificate = make_certificate(team, days, gone_at=timezone.now() if gone else None)
    Assignment.pin(SYSTEM, app, "certificate:app-store", credential=identity_of(certificate))
    found = signing(app)
    assert (found.certificate.state, found.identity) == (State.BROKEN, None)
    assert words in found.certificate.why


def test_what_is_chosen_comes_before_what_is_best(app: App, team: DeveloperTeam) -> None:
    old, new = make_certificate(team, 50), make_certificate(team, 300)
    wanted, other = make_profile(team, old, days=10), make_profile(team, new, days=90)
    Assignment.pin(SYSTEM, app, "certificate:app-store", credential=identity_of(old))
    found = signing(app)
    assert (found.certificate.state, found.certificate.certificate) == (State.ASSIGNED, old)
    assert found.profile.profile == wanted  # it goes with the certificate
    Assignment.pin(SYSTEM, app, "profile:app-store", profile=other)
    found = signing(app)
    assert found.profile.state == State.BROKEN
    assert "does not hold the certificate" in found.profile.why


def test_devices_that_it_lacks_are_a_warning(app: App, team: DeveloperTeam) -> None:
    make_device(team, "Ada's phone")
    make_profile(team, make_certificate(team), kind="IOS_APP_ADHOC")
    found = signing(app, "ad-hoc")
    assert found.is_complete
    assert found.profile.warnings == ("1 enabled device is not in it: Ada's phone.",)


def upload(organization: Any, sha256: str, **facts: Any) -> Credential:
    return Credential.store(
        SYSTEM, organization=organization, kind=PROVISIONING_PROFILE, name="Uploaded", identifier="uuid-up",
        secret=b"profile", expires_at=in_days(900),
        facts={
            "application_identifier": "com.acme.app", "distribution": "app-store", "platforms": ["iOS"],
            "certificate_sha256s": [sha256], "uuid": "uuid-up", **facts,
        },
    )  # fmt: skip


def test_an_uploaded_profile_after_apples_own(cast: Cast, app: App, team: DeveloperTeam) -> None:
    certificate = make_certificate(team)
    uploaded = upload(cast.root, certificate.sha256)
    found = signing(app)
    assert (found.profile.credential, found.profile.rule, found.is_complete) == (
        uploaded,
        Rule.UPLOADED,
        True,
    )
    own = make_profile(team, certificate, days=3)
    assert signing(app).profile.profile == own
    Assignment.pin(SYSTEM, app, "profile:app-store", credential=uploaded)
    assert signing(app).profile.state == State.ASSIGNED


def test_what_is_not_shared_any_more_is_of_no_use(cast: Cast, team: DeveloperTeam) -> None:
    """A pin gives no access: neither the name of the credential, nor its use."""
    app = make_app(cast.sub_a)
    certificate = make_certificate(team)
    profile = make_profile(team, certificate)
    key = team.keys.get().credential
    share(SYSTEM, key, with_all=False, chosen=[cast.sub_a])
    share(SYSTEM, identity_of(certificate), with_all=False, chosen=[cast.sub_a])
    Assignment.pin(SYSTEM, app, "certificate:app-store", credential=identity_of(certificate))
    Assignment.pin(SYSTEM, app, "profile:app-store", profile=profile)
    app = App.objects.select_related("organization__parent").get()
    assert signing(app).is_complete
    share(SYSTEM, identity_of(certificate), with_all=False, chosen=[])
    share(SYSTEM, key, with_all=False, chosen=[])
    found = signing(App.objects.select_related("organization__parent").get())
    assert [each.state for each in found.parts] == [State.BROKEN, State.BROKEN]
    assert all("not shared with this organization any more" in each.why for each in found.parts)
    assert (found.certificate.credential, found.profile.profile) == (None, None)


def test_extensions_are_signed_with_the_same_certificate(app: App, team: DeveloperTeam) -> None:
    own, other = make_certificate(team, 100), make_certificate(team, 300)
    make_profile(team, own)
    make_profile(team, other, days=300, identifier="com.acme.app.share")
    found = signing(app, bundle_ids=["com.acme.app.share"])
    assert found.problems == ["No profile holds the certificate of this app."]
    near = make_profile(team, own, days=3, identifier="com.acme.app.share")
    found = signing(app, bundle_ids=["com.acme.app.share"])
    assert found.is_complete
    assert found.profiles["com.acme.app.share"].profile == near


def keystore(organization: Any, name: str, kind: str = "android-keystore") -> Credential:
    return Credential.store(
        SYSTEM, organization=organization, kind=kind, name=name, identifier=name, secret=b"k", facts={}
    )


def test_android_keys_one_is_offered_and_of_several_one_is_chosen(cast: Cast) -> None:
    app = make_app(cast.root, platform="ANDROID")
    slot = slots_of("ANDROID")["keystore"]
    first = keystore(cast.root, "First")
    assert keys_of(assets_of(SYSTEM, app), slot)[0].credential == first
    second = keystore(cast.root, "Second")
    (found,) = keys_of(assets_of(SYSTEM, app), slot)
    assert (found.state, found.why) == (State.MISSING, "2 fit. Choose the one for this app.")
    Assignment.pin(SYSTEM, app, "keystore", credential=first)
    Assignment.pin(SYSTEM, app, "keystore", credential=second).make_default(SYSTEM)
    assert [each.credential for each in keys_of(assets_of(SYSTEM, app), slot)] == [second, first]
    Assignment.objects.get(credential=second).unpin(SYSTEM)
    (left,) = keys_of(assets_of(SYSTEM, app), slot)
    assert left.pin is not None
    assert (left.credential, left.pin.is_default) == (first, True)


def test_enterprise_keys_submit_nothing(cast: Cast, app: App) -> None:
    slot = slots_of("IOS")["submission-key"]
    factories.make_key(cast.root, key_type=KeyType.ENTERPRISE)
    (found,) = keys_of(assets_of(SYSTEM, app), slot)
    assert found.state == State.MISSING


def test_profiles_without_end_take_no_more_queries_and_no_ciphertext(
    cast: Cast, app: App, team: DeveloperTeam
) -> None:
    def queries() -> int:
        fresh = App.objects.select_related("organization__parent").get(pk=app.pk)
        with CaptureQueriesContext(
            connection,
        ) as made:
            assets = assets_of(cast.actor("root_owner"), fresh)
            for each in ("app-store", "ad-hoc", "development", "in-house"):
                assert resolve_signing(SYSTEM, fresh, each, assets=assets).profile
        assert not any('"credentials_credential"."secret"' in each["sql"] for each in made)
        assert not any('"profile_content"' in each["sql"] for each in made)
        return len(made)

    certificate = make_certificate(team)
    make_profile(team, certificate)
    make_identity(cast.sub_a, certificate)
    before = queries()
    kinds = ["IOS_APP_STORE", "IOS_APP_ADHOC", "IOS_APP_DEVELOPMENT"]
    rows = [
        Profile(
            team=team, apple_id=f"X{number}", name=f"X {number}", profile_type=kinds[number % 3], uuid=f"x{number}",
            profile_state="ACTIVE", expiration_date=in_days(50), bundle_id=Profile.objects.all()[0].bundle_id,
        )
        for number in range(500)
    ]  # fmt: skip
    Profile.objects.bulk_create(rows)
    through = Profile.certificates.through
    through.objects.bulk_create(through(profile_id=row.pk, certificate_id=certificate.pk) for row in rows)
    assert queries() == before + 2  # the devices that the ad hoc profile, which is there only now, may lack
