"""What the root shares signs the builds of a sub-organization, on record with both; it leaves by no other door."""

import base64
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from appstore.models import Policy, SyncRun
from credentials import usage
from credentials.models import Credential, Share
from credentials.models.reveal_errors import NotSharedError
from credentials.models.sealed_secret import SealedSecret
from credentials.sharing import share
from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.models import ApiToken, AuditEvent, AuditHead, Membership, Organization
from organizations.permissions import TOKEN_SCOPES, Permission, Role
from tests import factories
from tests.appstore.building import Buildable, buildable, make_file, make_identity, make_keystore
from tests.appstore.signing import IDENTIFIER, make_app
from tests.appstore.test_api_signing_assets import limited_in, opens
from tests.appstore.test_secure_files import CER, KEY, PROFILE, match
from tests.conftest import Cast
from tests.credentials.revealing import require_approval
from tests.credentials.support import overwrite, reloaded
from tests.machines import machine, send

pytestmark = pytest.mark.django_db
PATH = f"/signing-assets?bundle_id={IDENTIFIER}"
REFUSED, REVEALED, TAKEN = (
    Action.CREDENTIAL_REVEAL_REFUSED, Action.CREDENTIAL_REVEALED, Action.ASSET_DOWNLOADED,
)  # fmt: skip


@pytest.fixture
def held(cast: Cast, doorbell: list[object]) -> Buildable:
    """The root's; sub A is given the identity and the key of its team, and has an app of that bundle ID."""
    held = buildable(cast.root)
    make_app(cast.sub_a, policy=Policy.CERTIFICATES)
    for credential in (held.identity, held.team.keys.get().credential):
        share(SYSTEM, credential, with_all=False, chosen=[cast.sub_a])
    return held


@pytest.fixture
def build(cast: Cast) -> Client:
    return machine(cast, cast.sub_a, Permission.CREDENTIAL_REVEAL)


def on_record(organization: Organization, *actions: Action, of: Credential | None = None) -> list[AuditEvent]:
    rows = AuditEvent.objects.filter(organization=organization, action__in=actions).exclude(
        actor_label="CredHub"
    )
    return list((rows.filter(subject_id=str(of.pk)) if of else rows).order_by("sequence"))


def nothing_left(cast: Cast) -> bool:
    return not [each for where in (cast.root, cast.sub_a) for each in on_record(where, REVEALED, TAKEN)]


def test_a_build_gets_all_of_it_and_both_logs_say_so(cast: Cast, held: Buildable, build: Client) -> None:
    answer = send(build, "GET", f"{PATH}&ensure=true&purpose=release%201.2")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store"), answer.content
    told = answer.json()
    assert opens(told["identity"])
    assert base64.b64decode(told["profiles"][0]["content"]) == bytes(held.profile.profile_content or b"")

    about = {
        "purpose": "release 1.2", "what": "signing-assets", "kind": "apple-certificate",
        "bundle_id": IDENTIFIER, "distribution": "app-store",
    }  # fmt: skip
    [opened] = on_record(cast.root, REVEALED, TAKEN)
    assert (opened.subject_id, opened.facts) == (
        str(held.identity.pk),
        about | {"sub_organization": "Acme Games"},
    )
    taken = on_record(cast.sub_a, REVEALED, TAKEN)
    assert [each.action for each in taken] == [TAKEN, TAKEN]  # the identity, the profile
    assert (taken[0].subject_id, taken[0].facts) == (str(held.identity.pk), about | {"shared_by": "Acme"})
    assert {opened.actor_label[:14], taken[0].actor_label[:14]} == {"API token “CI”"}
    assert not on_record(cast.sub_b, *Action)

    for where, member in ((cast.root, "root_owner"), (cast.sub_a, "sub_a_admin")):
        tally = usage.tallies(usage.pulls(cast.actor(member), where))[str(held.identity.pk)]
        assert tally.quarter == 1
    page = cast.client("root_owner").get(reverse("credential-usage", args=[cast.root.slug, held.identity.pk]))
    assert '<span class="tag">Acme Games</span>' in page.content.decode()
    today = {name: timezone.now().date().isoformat() for name in ("first", "last")}
    file = (
        cast.client("root_owner").get(reverse("usage-file", args=[cast.root.slug]), today).getvalue().decode()
    )
    assert [("Acme Games" in line, "release 1.2" in line) for line in file.splitlines()[1:]] == [
        (True, True)
    ] * 2


def test_match_finds_it_and_takes_no_key_of_apples(cast: Cast, held: Buildable) -> None:
    make_identity(held.team, 1)  # the root's alone, and the one that more profiles hold
    client = match(cast, cast.sub_a)
    assert sorted(client.downloaded()) == [CER, KEY, PROFILE]
    [opened] = on_record(cast.root, REVEALED)
    assert (opened.facts["sub_organization"], opened.facts["what"]) == ("Acme Games", "match")
    [taken] = on_record(cast.sub_a, TAKEN, of=held.identity)[1:]  # after the .cer, which is public
    assert taken.facts["shared_by"] == "Acme"
    file = next(each for each in client.files() if each["name"] == KEY)
    share(SYSTEM, held.identity, with_all=False, chosen=[cast.sub_b])
    assert client.files() == []
    assert client.get(f"/{file['id']}/download").status_code == 404


def test_a_keystore(cast: Cast, build: Client) -> None:
    kept = make_keystore(cast.root)
    make_app(cast.sub_a, platform="ANDROID")
    path = f"/signing-assets/android?application_id={IDENTIFIER}"
    refused = send(build, "GET", path).json()
    assert (refused["code"], "ask an owner of Acme" in refused["detail"]) == ("no-signing-assets", True)
    share(SYSTEM, kept, with_all=True, chosen=[])
    answer = send(build, "GET", path)
    assert (answer.status_code, answer.json()["keystore"]["password"]) == (200, "store word")
    assert [each.facts["sub_organization"] for each in on_record(cast.root, REVEALED)] == ["Acme Games"]
    assert [each.facts["bundle_id"] for each in on_record(cast.sub_a, TAKEN)] == [IDENTIFIER]


# The owner keeps the last word


@pytest.mark.parametrize("rule", ["use-without-seeing", "approval", "rate"])
def test_what_the_owner_keeps_back_is_refused_and_on_record_with_both(
    cast: Cast, held: Buildable, build: Client, settings: Settings, rule: str
) -> None:
    if rule == "use-without-seeing":
        reloaded(held.identity).allow_reveal(cast.actor("root_owner"), allowed=False)
    elif rule == "approval":
        require_approval(cast)
    else:
        settings.TOKEN_REVEALS_PER_MINUTE = 0
    answer = send(build, "GET", PATH)
    said = answer.json()["detail"]
    if rule == "rate":
        assert answer.status_code == 429
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "reveal-refused")
        assert said.endswith("Ask an owner of Acme.")
        assert match(cast, cast.sub_a).files() == []
    assert nothing_left(cast)
    [with_owner], [here] = (on_record(where, REFUSED) for where in (cast.root, cast.sub_a))
    assert with_owner.facts["reason"] == here.facts["reason"] == said
    assert (with_owner.facts["sub_organization"], here.facts["shared_by"]) == ("Acme Games", "Acme")


def forge_a_share(cast: Cast, identity: Credential) -> None:
    share(SYSTEM, identity, with_all=False, chosen=[cast.sub_b])
    organization = Share._meta.get_field("organization").get_db_prep_value(cast.sub_a.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE credentials_share SET organization_id = %s", [organization])


def take_back(cast: Cast, identity: Credential) -> None:
    share(SYSTEM, identity, with_all=False, chosen=[])


ATTACKS: dict[str, Callable[[Cast, Credential], Any]] = {
    "taken-back": take_back,
    "shared-with-another": lambda cast, identity: share(
        SYSTEM, identity, with_all=False, chosen=[cast.sub_b]
    ),
    "forged-share": forge_a_share,
    "forged-switch": lambda cast, identity: (
        take_back(cast, identity),
        overwrite(identity, shared_with_all=True),
    ),
    "archived": lambda cast, identity: reloaded(identity).archive(SYSTEM),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_not_shared_is_as_none(cast: Cast, held: Buildable, build: Client, attack: str) -> None:
    """Though its team's mirror is: certificate and profile are seen here."""
    token = ApiToken.objects.get(name="CI")
    ATTACKS[attack](cast, held.identity)
    answer = send(build, "GET", PATH)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-signing-assets")
    assert "ask an owner of Acme to share" in answer.json()["detail"]
    assert match(cast, cast.sub_a).files() == []
    with pytest.raises(NotSharedError):  # nor if something took it for shared
        reloaded(held.identity).release(Actor(token=token), cast.sub_a, IDENTIFIER, "test", what="test")
    assert nothing_left(cast)
    assert not on_record(cast.sub_a, REFUSED)


def test_a_share_that_is_taken_back_meanwhile_is_none(
    cast: Cast, held: Buildable, build: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = SealedSecret.release

    def later(self: Credential, *args: Any, **kwargs: Any) -> bytes:
        take_back(cast, held.identity)
        return release(self, *args, **kwargs)

    monkeypatch.setattr(SealedSecret, "release", later)
    assert send(build, "GET", PATH).status_code == 404
    assert nothing_left(cast)


def test_archived_organizations_get_nothing(cast: Cast, held: Buildable, build: Client) -> None:
    actor = Actor(token=ApiToken.objects.get(name="CI"))
    for organization in (cast.sub_a, cast.root):
        organization.archive(SYSTEM)
        assert send(build, "GET", PATH).status_code == 401
        with pytest.raises((NotSharedError, PermissionDenied)):
            reloaded(held.identity).release(actor, cast.sub_a, IDENTIFIER, "test", what="test")
        organization.restore(SYSTEM)
    assert nothing_left(cast)


def test_what_one_log_cannot_record_is_in_neither_and_not_opened(
    cast: Cast, held: Buildable, build: Client
) -> None:
    assert send(build, "GET", "/organization").status_code == 200  # its first use is on record
    AuditHead.objects.filter(chain=cast.sub_a.pk).update(guard="1:forged")
    assert send(build, "GET", PATH).status_code == 503
    assert nothing_left(cast)


# By no other door, and to nobody else


def test_every_other_door_stays_closed(cast: Cast, held: Buildable) -> None:
    """To a token with every scope, and to the owner of the sub-organization."""
    everything = machine(cast, cast.sub_a)
    key = held.team.keys.get().credential
    actor = Actor(token=ApiToken.objects.get(name="CI"))
    owner = factories.make_user("sub.a.owner@example.com")
    factories.join(owner, cast.sub_a, Role.OWNER)
    person = Client()
    person.force_login(owner, backend="organizations.sign_in_backend.SignInBackend")
    for credential in (held.identity, key):
        asked = send(everything, "POST", f"/credentials/{credential.pk}/reveal", {"purpose": "test"})
        assert asked.status_code == 404  # as what is not theirs
        for slug, status in ((cast.sub_a.slug, 403), (cast.root.slug, 404)):
            for route in ("reveal-credential", "allow-reveal"):
                assert person.post(reverse(route, args=[slug, credential.pk])).status_code == status
        for each in (actor, Actor(user=owner)):
            with pytest.raises(PermissionDenied):
                credential.reveal(each, "test")
    # Builds alone get it, and no .p8 of Apple's
    for credential, each in (
        (key, actor), (held.identity, Actor(user=owner)), (held.identity, cast.actor("root_owner")), (key, SYSTEM),
    ):  # fmt: skip
        with pytest.raises(PermissionDenied):
            credential.release(each, cast.sub_a, IDENTIFIER, "test", what="test")
    assert nothing_left(cast)


def test_who_may_not_reveal_here_gets_nothing_shared(cast: Cast, held: Buildable, build: Client) -> None:
    others = [each for each in TOKEN_SCOPES if each != Permission.CREDENTIAL_REVEAL]
    assert send(machine(cast, cast.sub_a, *others), "GET", PATH).status_code == 403
    assert send(machine(cast, cast.sub_b, Permission.CREDENTIAL_REVEAL), "GET", PATH).status_code == 404
    assert send(limited_in(cast, cast.sub_a, bundle_ids=["com.other.*"]), "GET", PATH).status_code == 403
    of_kind = limited_in(cast, cast.sub_a, scopes=["credential:reveal:android-keystore"])
    assert send(of_kind, "GET", PATH).status_code == 403
    assert send(build, "GET", PATH).status_code == 200
    Membership.objects.filter(user=cast.root_owner).delete()  # whose maker may no more
    assert send(build, "GET", PATH).status_code == 403


def test_an_extension_that_the_token_is_not_for(cast: Cast, held: Buildable) -> None:
    extension = f"{IDENTIFIER}.share"
    make_file(held.team, held.certificate, 0, extension)
    client = limited_in(cast, cast.sub_a, bundle_ids=[IDENTIFIER])
    assert send(client, "GET", f"{PATH}&bundle_id={extension}").status_code == 403
    assert nothing_left(cast)


def test_ensure_changes_nothing_through_a_key_that_is_only_shared(
    cast: Cast, held: Buildable, build: Client
) -> None:
    """Whatever the policy of the sub-organization's app allows, and whatever the token may do."""
    held.profile.delete()
    answer = send(build, "GET", f"{PATH}&ensure=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-ensured")
    assert "belongs to Acme, where alone that is changed" in answer.json()["detail"]
    everything = machine(cast, cast.sub_a)
    app = send(everything, "GET", f"/apps?identifier={IDENTIFIER}").json()["items"][0]["id"]
    asked = send(everything, "POST", f"/apps/{app}/ensure", {"distribution": "app-store"})
    assert (asked.status_code, asked.json()["code"]) == (409, "not-ensured")
    assert not SyncRun.objects.filter(kind="CHANGE").exists()


# Told before


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode())))


def test_pages_say_whose_builds_get_it(cast: Cast, held: Buildable) -> None:
    owner, here = cast.client("root_owner"), cast.client("sub_a_developer")
    panel = reverse("share-credential", args=[cast.root.slug, held.identity.pk])
    chosen = {"name": held.identity.name, "sub_organizations": [cast.sub_b.pk], "preview": "1"}
    assert "can be signed with it: their API tokens get it as signing assets" in words(owner.get(panel))
    assert "Acme Travel gains it, and its builds can be signed with it" in words(owner.post(panel, chosen))
    assert "Those of Acme Games can be signed with it" in words(owner.get(held.identity.page_path()))
    assert "With “Use without seeing” they lose it" in words(owner.get(held.identity.page_path()))
    assert "GET /api/v1/signing-assets" in words(here.get(held.identity.page_path(cast.sub_a)))
    key = held.team.keys.get().credential  # for no build
    assert "signing assets" not in words(
        owner.get(reverse("share-credential", args=[cast.root.slug, key.pk]))
    )

    reloaded(held.identity).allow_reveal(cast.actor("root_owner"), allowed=False)
    assert "do not get it: “Use without seeing” is on" in words(owner.get(panel))
    assert "its builds" not in words(owner.post(panel, chosen))
    assert "Those of sub-organizations do not get it" in words(owner.get(held.identity.page_path()))
    assert "do not get it. Ask an owner of Acme" in words(here.get(held.identity.page_path(cast.sub_a)))
