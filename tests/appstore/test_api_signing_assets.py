"""What a build gets over the API: an identity that opens, the profiles, and each read on record."""

import base64
import plistlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from appstore.models import App, Policy, Profile, SyncRun
from credentials.kinds.provisioning_profile import PROVISIONING_PROFILE, found_of
from credentials.kinds.storing import store_found
from credentials.parsing.signed_profile import parse_signed_profile
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import ApiToken, AuditEvent, Organization
from organizations.permissions import TOKEN_SCOPES, Permission
from tests.appstore.building import Buildable, buildable, make_file, make_identity, make_keystore
from tests.appstore.signing import IDENTIFIER, make_app
from tests.conftest import Cast
from tests.credentials.signing_material import key
from tests.machines import machine, send

pytestmark = pytest.mark.django_db
SHARE = f"{IDENTIFIER}.share"
PATH = f"/signing-assets?bundle_id={IDENTIFIER}"


@pytest.fixture
def held(cast: Cast, doorbell: list[object]) -> Buildable:
    return buildable(cast.root)


@pytest.fixture
def client(cast: Cast) -> Client:
    return machine(cast, cast.root, Permission.CREDENTIAL_REVEAL)


def limited_in(cast: Cast, organization: Organization, **limits: Any) -> Client:
    scopes = limits.pop("scopes", [Permission.CREDENTIAL_REVEAL])
    actor = cast.actor("root_owner")
    _token, text = ApiToken.issue(actor, organization, name="Job", scopes=scopes, **limits)
    return Client(headers={"authorization": f"Bearer {text}"})


def limited(cast: Cast, *bundle_ids: str) -> Client:
    return limited_in(cast, cast.root, bundle_ids=bundle_ids)


def events(action: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=str(action)).order_by("sequence"))


def opens(told: dict[str, Any], number: int = 0) -> bool:
    private, own, _others = pkcs12.load_key_and_certificates(
        base64.b64decode(told["p12"]), told["p12_password"].encode()
    )
    assert own is not None
    assert private is not None
    wanted = key(number).public_key()
    return private.public_key() == wanted == own.public_key()


def test_one_request_gives_all_that_a_build_needs(client: Client, held: Buildable) -> None:
    make_file(held.team, held.certificate, 0, SHARE)
    answer = send(client, "GET", f"{PATH}&bundle_id={SHARE}&purpose=release%201.2")
    told = answer.json()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store"), told
    assert opens(told["identity"])
    assert len(told["identity"]["p12_password"]) >= 24
    assert told["identity"]["sha1"] == held.identity.facts["sha1"]
    assert (told["team_id"], told["team_name"], told["problems"]) == ("TEAM567890", "Acme", [])
    assert [each["bundle_id"] for each in told["profiles"]] == [IDENTIFIER, SHARE]
    own = told["profiles"][0]
    assert base64.b64decode(own["content"]) == bytes(held.profile.profile_content or b"")
    assert own["file_name"] == f"{held.profile.uuid}.mobileprovision"
    options = plistlib.loads(told["export_options"].encode())
    assert (options["method"], options["signingStyle"]) == ("app-store-connect", "manual")
    assert options["provisioningProfiles"] == {each["bundle_id"]: each["uuid"] for each in told["profiles"]}
    assert options["signingCertificate"] == told["identity"]["sha1"].upper()
    [opened] = events(Action.CREDENTIAL_REVEALED)
    assert opened.subject_id == str(held.identity.pk)
    assert opened.facts == {
        "purpose": "release 1.2", "what": "signing-assets", "kind": "apple-certificate",
        "bundle_id": IDENTIFIER, "distribution": "app-store",
    }  # fmt: skip
    assert [each.facts["bundle_id"] for each in events(Action.ASSET_DOWNLOADED)] == [IDENTIFIER, SHARE]


def test_the_password_is_new_each_time_and_macos_reads_the_file(client: Client, held: Buildable) -> None:
    first, second = (send(client, "GET", PATH).json()["identity"] for _ in range(2))
    assert first["p12_password"] != second["p12_password"]
    aes = send(client, "GET", f"{PATH}&encryption=aes").json()["identity"]
    assert opens(aes)
    p12s = [base64.b64decode(each["p12"]) for each in (first, aes)]
    triple_des, aes_cbc = bytes.fromhex("2a864886f70d010c0103"), bytes.fromhex("60864801650304012a")
    assert [triple_des in p12s[0], aes_cbc in p12s[0], aes_cbc in p12s[1]] == [True, False, True]


def test_what_is_missing_is_said_and_nothing_is_opened(client: Client, held: Buildable) -> None:
    for asked, words in (
        (f"{PATH}&distribution=ad-hoc", "There is no profile of the type iOS Ad Hoc"),
        (f"{PATH}&bundle_id=com.acme.other", "for com.acme.other"),
    ):
        answer = send(client, "GET", asked)
        assert (answer.status_code, answer.json()["code"]) == (409, "no-signing-assets")
        assert words in answer.json()["detail"]
    Profile.objects.update(profile_content=None)
    assert "Apple gave no file" in send(client, "GET", PATH).json()["detail"]
    assert send(client, "GET", f"{PATH}&distribution=developer-id").status_code == 422
    assert not events(Action.CREDENTIAL_REVEALED)
    assert not events(Action.ASSET_DOWNLOADED)


def test_another_organization_learns_nothing(cast: Cast, held: Buildable) -> None:
    there = machine(cast, cast.sub_a, Permission.CREDENTIAL_REVEAL)
    answers = [send(there, "GET", path) for path in (PATH, "/signing-assets?bundle_id=com.no.such")]
    told = [{**each.json(), "request_id": ""} for each in answers]
    assert answers[0].status_code == 404
    assert told[0] == told[1]
    make_app(cast.sub_a)  # their own of the same name is theirs alone
    assert send(there, "GET", PATH).json()["code"] == "no-signing-assets"


def test_a_profile_that_was_uploaded(client: Client, held: Buildable) -> None:
    content = bytes(held.profile.profile_content or b"")
    held.profile.delete()
    read = parse_signed_profile(content)
    found = found_of(read.profile, read.certificates, content)
    store_found(SYSTEM, held.app.organization, PROVISIONING_PROFILE, found)
    told = send(client, "GET", PATH).json()
    [profile] = told["profiles"]
    assert base64.b64decode(profile["content"]) == content
    assert (profile["uuid"], profile["profile_type"]) == (read.profile.uuid, "IOS_APP_STORE")
    assert "uploaded" in profile["rule"]
    assert opens(told["identity"])


def test_a_token_for_some_bundle_ids_gets_those_and_no_others(cast: Cast, held: Buildable) -> None:
    make_file(held.team, held.certificate, 0, SHARE)
    both = f"{PATH}&bundle_id={SHARE}"
    assert send(limited(cast, IDENTIFIER), "GET", PATH).status_code == 200
    assert send(limited(cast, IDENTIFIER, SHARE), "GET", both).status_code == 200
    assert send(limited(cast, IDENTIFIER), "GET", both).status_code == 403
    assert send(limited(cast, SHARE), "GET", PATH).status_code == 403
    assert send(limited(cast, "com.other.*"), "GET", PATH).status_code == 403
    others = [scope for scope in TOKEN_SCOPES if scope != Permission.CREDENTIAL_REVEAL]
    assert send(machine(cast, cast.root, *others), "GET", PATH).status_code == 403


def test_the_limit_on_reveals_counts_one_for_a_pull(
    client: Client, held: Buildable, settings: Settings
) -> None:
    settings.TOKEN_REVEALS_PER_MINUTE = 2
    make_file(held.team, held.certificate, 0, SHARE)
    asked = f"{PATH}&bundle_id={SHARE}"
    assert [send(client, "GET", asked).status_code for _ in range(3)] == [200, 200, 429]


def test_ensure_is_no_run_where_all_is_there(client: Client, held: Buildable) -> None:
    assert send(client, "GET", f"{PATH}&ensure=true").status_code == 200
    assert not SyncRun.objects.filter(kind="CHANGE").exists()


def test_ensure_orders_what_the_policy_allows(client: Client, held: Buildable) -> None:
    held.profile.delete()
    answer = send(client, "GET", f"{PATH}&ensure=true")
    run = SyncRun.objects.get(kind="CHANGE")
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/syncs/{run.pk}")
    assert answer.json()["sync"]["id"] == str(run.pk)
    assert any("There is none for com.acme.app" in each for each in answer.json()["plan"])
    assert run.order["by_credhub"]
    again = send(client, "GET", f"{PATH}&ensure=true")
    assert again.json()["sync"]["id"] == str(run.pk)


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"policy": Policy.SUGGEST}, "not-ensured", "nothing is changed at Apple"),
        ({"frozen_at": timezone.now(), "frozen_because": "In review."}, "frozen", "In review."),
    ],
    ids=["policy", "frozen"],
)
def test_ensure_is_refused(
    client: Client, held: Buildable, values: dict[str, Any], code: str, words: str
) -> None:
    App.objects.filter(pk=held.app.pk).update(**values)
    assert send(client, "GET", f"{PATH}&ensure=true").status_code == 200  # what is there is given
    held.profile.delete()
    answer = send(client, "GET", f"{PATH}&ensure=true")
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert words in answer.json()["detail"]


def test_more_apps_take_no_more_queries(client: Client, held: Buildable) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert send(client, "GET", PATH).status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(3):
        make_app(held.app.organization, identifier=f"com.acme.more{number}")
        make_file(held.team, held.certificate, 0, f"com.acme.more{number}")
    make_identity(held.team, 1)
    assert queries() == before


def test_a_keystore_with_its_passwords(cast: Cast, client: Client) -> None:
    make_app(cast.root, platform="ANDROID")
    path = f"/signing-assets/android?application_id={IDENTIFIER}"
    assert send(client, "GET", path).json()["code"] == "no-signing-assets"
    kept = make_keystore(cast.root)
    answer = send(client, "GET", f"{path}&purpose=release")
    told = answer.json()["keystore"]
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert (told["type"], told["file_name"], told["alias"]) == ("JKS", "release.jks", "upload")
    assert (told["password"], told["key_password"]) == ("store word", "key word")
    assert told["sha1"] == kept.facts["aliases"][0]["sha1"]
    assert told["sha1"].count(":") == 19
    assert base64.b64decode(told["content"])[:4] == bytes.fromhex("feedfeed")
    [opened] = events(Action.CREDENTIAL_REVEALED)
    assert (opened.facts["bundle_id"], opened.facts["what"]) == (IDENTIFIER, "signing-assets")
    assert send(limited(cast, "com.other"), "GET", path).status_code == 403


def test_apps_say_what_they_sign_with(cast: Cast, held: Buildable) -> None:
    client = machine(cast, cast.root, Permission.ASSET_VIEW)
    [listed] = send(client, "GET", f"/apps?identifier={IDENTIFIER}").json()["items"]
    slots = {each["slot"]: each for each in send(client, "GET", f"/apps/{listed['id']}").json()["slots"]}
    assert slots["certificate:app-store"]["what"] == held.certificate.name
    assert (slots["profile:app-store"]["state"], slots["profile:ad-hoc"]["state"]) == ("suggested", "missing")
    assert send(limited(cast, "com.other.*"), "GET", "/apps").status_code == 403


def test_an_app_is_added_and_ensured(cast: Cast, held: Buildable) -> None:
    client = machine(cast, cast.root, Permission.ASSET_MANAGE, Permission.ASSET_VIEW)
    new = {"platform": "IOS", "identifier": "com.acme.new", "policy": "profiles"}
    made = send(client, "POST", "/apps", new).json()
    assert (made["name"], made["policy"]) == ("com.acme.new", "profiles")
    assert send(client, "POST", "/apps", new).json()["errors"][0]["field"] == "identifier"
    ensure = f"/apps/{held.app.pk}/ensure"
    done = send(client, "POST", ensure, {"distribution": "app-store"})
    assert (done.status_code, done.json()["steps"], done.json()["sync"]) == (200, 0, None)
    held.profile.delete()
    dry = send(client, "POST", ensure, {"distribution": "app-store", "dry_run": True})
    assert (dry.status_code, dry.json()["steps"], dry.json()["sync"]) == (200, 1, None)
    ordered = send(client, "POST", ensure, {"distribution": "app-store"})
    assert (ordered.status_code, ordered.json()["sync"]["kind"]) == (202, "CHANGE")
