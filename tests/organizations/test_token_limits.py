"""What a token is limited to: verbs, kinds of credential, bundle IDs. Held where rows are reached, whoever asks."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from appstore.models import APP_STORE_CONNECT_KEY, BundleId, Device, ObjectChange, Profile
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE
from credentials.models import Credential
from organizations.actors import SYSTEM, Actor
from organizations.bundle_ids import covers, is_pattern
from organizations.models import ApiToken, Organization
from organizations.permissions import TOKEN_SCOPES, Permission
from organizations.scopes import FOR_ANY_APP, FOR_ONE_APP, of_kinds
from tests import factories
from tests.conftest import Cast

VIEW, REVEAL = Permission.CREDENTIAL_VIEW, Permission.CREDENTIAL_REVEAL


def machine(cast: Cast, *scopes: str, **limits: Any) -> Actor:
    owner = cast.actor("root_owner")
    return Actor(token=ApiToken.issue(owner, cast.root, name="CI", scopes=scopes, **limits)[0])


def store(organization: Organization, kind: str, name: str, secret: bytes = b"hush") -> Credential:
    return Credential.store(
        SYSTEM, organization=organization, kind=kind, name=name, identifier=name, secret=secret, facts={}
    )


def test_people_stay_peoples_business() -> None:
    people = {"member:manage", "token:manage", "organization:manage", "admin:access"}
    assert {each.value for each in Permission} - set(TOKEN_SCOPES) == people


@pytest.mark.parametrize("word", [
    "member:manage", "token:manage", "credential", "credential:", "credential:view:nothing-like-it", "",
    "asset:view:apple-certificate", "credential:view:apple-certificate:more", "CREDENTIAL:VIEW",
])  # fmt: skip
def test_what_is_no_scope(cast: Cast, word: str) -> None:
    with pytest.raises(ValueError, match=r"scope|not a valid"):
        machine(cast, word)


@pytest.mark.django_db(transaction=True)  # an opening commits its event
def test_a_verb_of_one_kind_reaches_that_kind_alone(cast: Cast) -> None:
    key = factories.make_key(cast.root).credential
    identity = store(cast.root, APPLE_CERTIFICATE, "Identity")
    actor = machine(cast, VIEW, f"{REVEAL}:{APPLE_CERTIFICATE}")

    def reached(permission: Permission) -> set[Credential]:
        return set(Credential.objects.for_actor(actor, permission))

    assert (reached(VIEW), reached(REVEAL)) == ({key, identity}, {identity})
    assert identity.reveal(actor, "a build") == b"hush"
    with pytest.raises(PermissionDenied, match="other kinds"):
        key.reveal(actor, "a build")
    assert actor.token is not None
    assert actor.token.scopes[0].label.endswith("(Signing identity)")


def test_kinds_hold_for_what_is_shared_too(cast: Cast) -> None:
    factories.make_key(cast.root)
    kept = store(cast.root, APPLE_CERTIFICATE, "Identity")
    factories.change(Credential.objects.all(), shared_with_all=True)
    scopes = of_kinds([VIEW, Permission.ASSET_VIEW], [APPLE_CERTIFICATE])
    token = ApiToken.issue(cast.actor("root_owner"), cast.sub_a, name="CI", scopes=scopes)[0]
    assert token.scope_words == f"asset:view credential:view:{APPLE_CERTIFICATE}"
    assert list(Credential.objects.for_actor(Actor(token=token), VIEW)) == [kept]


@pytest.mark.parametrize(("patterns", "identifier", "fits"), [
    (["com.acme.app"], "com.acme.app", True), (["com.acme.app"], "com.acme.app.watch", False),
    (["com.acme.app"], "com.acme.*", False), (["com.acme.*"], "com.acme.app", True),
    (["com.acme.*"], "com.acme.app.watch", True), (["com.acme.*"], "com.acme.*", True),
    (["com.acme.*"], "com.acme", False), (["com.acme.*"], "com.acmeevil.app", False),
    (["com.acme.*"], "COM.ACME.app", False), (["com.other", "com.acme.*"], "com.acme.x", True),
    ([], "com.acme.x", False),
])  # fmt: skip
def test_bundle_ids(patterns: list[str], identifier: str, fits: bool) -> None:
    assert covers(patterns, identifier) is fits
    assert all(map(is_pattern, patterns))


@pytest.mark.parametrize(
    "word", ["*", ".*", "com.*.app", "com.acme*", "com..acme", "com.acme.", "", "a b", "ä.b", "a" * 256]
)
def test_what_is_no_bundle_id(word: str) -> None:
    assert not is_pattern(word)


def test_mirrors_of_other_apps_are_not_there(cast: Cast) -> None:
    team = factories.make_key(cast.root).team
    assert team is not None
    things = factories.mirror(team, count=4)
    names = ["com.acme.app", "com.acme.app.watch", "COM.ACME.APP", "com.acmeevil.app"]
    for thing, name in zip(things["bundle-ids"], names, strict=True):
        thing.identifier = name
        thing.save()
    factories.make_change(things["bundle-ids"][3])
    see = Permission.ASSET_VIEW

    def seen(*patterns: str) -> tuple[set[str], set[str]]:
        actor = machine(cast, see, bundle_ids=patterns)
        of_profiles = Profile.objects.for_actor(actor, see).values_list("bundle_id__identifier", flat=True)
        assert Device.objects.for_actor(actor, see).count() == 4
        assert ObjectChange.objects.for_actor(actor, see).exists() is not bool(patterns)
        return set(BundleId.objects.for_actor(actor, see).values_list("identifier", flat=True)), set(
            of_profiles
        )

    assert seen("com.acme.app") == ({"com.acme.app"},) * 2
    assert seen("com.acme.*") == ({"com.acme.app", "com.acme.app.watch"},) * 2
    assert seen("com.other", "com.acmeevil.app") == ({"com.acmeevil.app"},) * 2
    assert seen() == (set(names),) * 2


def test_one_for_some_bundle_ids_does_little_without_one_of_them(cast: Cast) -> None:
    actor = machine(cast, *FOR_ANY_APP, *FOR_ONE_APP, bundle_ids=["com.acme.*"])
    for permission in FOR_ANY_APP:
        assert actor.can(permission, cast.root), permission
    for permission in FOR_ONE_APP:
        told = [actor.can(permission, cast.root, app=app) for app in ("", "com.other.app", "com.acme.app")]
        assert told == [False, False, True], permission
    assert not Credential.objects.for_actor(actor, REVEAL).exists()
    for permission in set(TOKEN_SCOPES) - FOR_ANY_APP - FOR_ONE_APP:
        with pytest.raises(ValueError, match="whole organization"):
            machine(cast, permission, bundle_ids=["com.acme.*"])


@pytest.mark.django_db(transaction=True)  # an opening commits its event
def test_it_opens_for_its_apps_what_is_of_an_app_and_no_key_of_a_whole_team(cast: Cast) -> None:
    actor = machine(cast, REVEAL, bundle_ids=["com.acme.app"])
    for kind in (APPLE_CERTIFICATE, PROVISIONING_PROFILE):
        credential = store(cast.root, kind, kind)
        assert credential.reveal(actor, "a build", app="com.acme.app") == b"hush"
        for app in ("", "com.other.app"):
            with pytest.raises(PermissionDenied):
                credential.reveal(actor, "a build", app=app)
    with pytest.raises(PermissionDenied, match="other kinds"):
        Credential.store(
            actor,
            organization=cast.root,
            kind=APPLE_CERTIFICATE,
            name="x",
            identifier="x",
            secret=b"x",
            facts={},
        )
    key = factories.make_key(cast.root).credential
    assert key.kind == APP_STORE_CONNECT_KEY
    with pytest.raises(PermissionDenied):
        key.reveal(actor, "a build", app="com.acme.app")
