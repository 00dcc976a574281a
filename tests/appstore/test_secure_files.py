"""fastlane match reads a whole set by GitLab's API of secure files: its own requests, one after the other."""

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appstore.models import Assignment, Certificate, Profile
from credentials.models import Credential
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import ApiToken, AuditEvent, Organization
from organizations.permissions import TOKEN_SCOPES, Permission
from tests.appstore.building import Buildable, buildable, make_file, make_identity
from tests.appstore.signing import IDENTIFIER
from tests.conftest import Cast
from tests.credentials.revealing import require_approval
from tests.credentials.signing_material import bare_key, certificate

pytestmark = pytest.mark.django_db
FOLDER = "TEAM567890"
CER, KEY = f"{FOLDER}/certs/distribution/CERT0.cer", f"{FOLDER}/certs/distribution/CERT0.p12"
PROFILE = f"{FOLDER}/profiles/appstore/AppStore_{IDENTIFIER}.mobileprovision"


@dataclass
class Match:
    """What match sends: lib/match/storage/gitlab/client.rb and secure_file.rb of fastlane."""

    token: str
    project: str
    header: str = "PRIVATE-TOKEN"

    def get(self, path: str) -> HttpResponse:
        address = f"/api/v4/projects/{quote(self.project, safe='')}/secure_files{path}"
        return Client().get(address, headers={self.header: self.token})

    def files(self) -> list[dict[str, Any]]:
        answer = self.get("?per_page=100")
        assert answer.status_code == 200, answer.content
        listed: list[dict[str, Any]] = answer.json()  # type: ignore[attr-defined]
        return listed

    def downloaded(self) -> dict[str, bytes]:
        """Path → content, with match's own check of the checksum."""
        found = {}
        for file in self.files():
            answer = self.get(f"/{file['id']}/download")
            assert hashlib.sha256(answer.content).hexdigest() == file["checksum"], file["name"]
            assert (answer["Content-Type"], answer["Cache-Control"]) == (
                "application/octet-stream",
                "no-store",
            )
            found[file["name"]] = answer.content
        return found


def match(cast: Cast, organization: Organization, project: str = "", **limits: Any) -> Match:
    actor = cast.actor("root_owner")
    scopes = limits.pop("scopes", [Permission.CREDENTIAL_REVEAL])
    _token, text = ApiToken.issue(actor, organization, name="match", scopes=scopes, **limits)
    return Match(text, project or organization.slug)


@pytest.fixture
def held(cast: Cast) -> Buildable:
    return buildable(cast.root)


def events(action: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=str(action)).order_by("sequence"))


def test_the_requests_of_match(cast: Cast, held: Buildable) -> None:
    found = match(cast, cast.root).downloaded()
    assert found == {CER: certificate(), KEY: bare_key(), PROFILE: bytes(held.profile.profile_content or b"")}
    once, opened = events(Action.CREDENTIAL_REVEALED)
    assert (once.actor_label, opened.actor_label[:9]) == ("CredHub", "API token")
    assert (opened.facts["bundle_id"], opened.facts["what"]) == (IDENTIFIER, "match")
    assert len(events(Action.ASSET_DOWNLOADED)) == 2


def test_listing_opens_nothing_after_the_first_time_and_is_the_same(cast: Cast, held: Buildable) -> None:
    client = match(cast, cast.root)
    first = client.files()
    assert client.files() == first
    assert [each.actor_label for each in events(Action.CREDENTIAL_REVEALED)] == ["CredHub"]
    one = client.get(f"/{first[0]['id']}")
    assert one.json() == first[0]  # type: ignore[attr-defined]
    assert all(0 < each["id"] < 2**53 for each in first)


@pytest.mark.parametrize("header", ["JOB-TOKEN", "PRIVATE-TOKEN", "Authorization"])
def test_headers_that_open_it(cast: Cast, held: Buildable, header: str) -> None:
    client = match(cast, cast.root)
    client.header = header
    client.token = f"Bearer {client.token}" if header == "Authorization" else client.token
    assert len(client.files()) == 3


def test_a_token_in_the_address_opens_nothing(cast: Cast, held: Buildable) -> None:
    client = match(cast, cast.root)
    path = f"/api/v4/projects/{cast.root.slug}/secure_files"
    assert Client().get(f"{path}?private_token={client.token}").status_code == 401
    assert Client().get(path, headers={"PRIVATE-TOKEN": "chub_nonsense"}).status_code == 401


def test_another_project_is_as_none(cast: Cast, held: Buildable) -> None:
    there = match(cast, cast.sub_a, cast.root.slug)
    nowhere = Match(there.token, "no-such-project")
    told = [{**each.get("").json(), "request_id": ""} for each in (there, nowhere)]  # type: ignore[attr-defined]
    assert told[0] == told[1]
    assert told[0]["status"] == 404
    [file, *_] = match(cast, cast.root).files()
    assert match(cast, cast.sub_a).get(f"/{file['id']}/download").status_code == 404
    scopes = [scope for scope in TOKEN_SCOPES if scope != Permission.CREDENTIAL_REVEAL]
    assert match(cast, cast.root, scopes=scopes).get("").status_code == 403


def test_some_bundle_ids_alone(cast: Cast, held: Buildable) -> None:
    make_file(held.team, held.certificate, 0, "com.other.app")
    make_file(held.team, held.certificate, 0, f"{IDENTIFIER}.share")
    assert len(match(cast, cast.root).files()) == 5
    limited = match(cast, cast.root, bundle_ids=["com.other.app"])
    assert sorted(limited.downloaded()) == [CER, KEY, PROFILE.replace(IDENTIFIER, "com.other.app")]
    assert match(cast, cast.root, bundle_ids=["com.nobodys.app"]).files() == []
    of_app = match(cast, cast.root, f"{cast.root.slug}/{IDENTIFIER}").downloaded()
    assert sorted(of_app) == [CER, KEY, PROFILE, PROFILE.replace(".mobile", ".share.mobile")]


def test_one_certificate_in_a_folder_and_the_profiles_that_hold_it(cast: Cast, held: Buildable) -> None:
    """match takes whichever is last."""
    _identity, newer = make_identity(held.team, 1)
    make_file(held.team, newer, 1, "com.acme.new")
    make_file(held.team, held.certificate, 0, "com.acme.second")
    latest = make_file(held.team, held.certificate, 0, IDENTIFIER, days=300)
    names = [each["name"] for each in match(cast, cast.root).files()]
    assert names[:2] == [CER, KEY]
    assert len(names) == 4
    own = match(cast, cast.root, f"{cast.root.slug}/com.acme.new").files()
    assert own[0]["name"] == CER.replace("CERT0", "CERT1")
    [profile] = [each for each in match(cast, cast.root).files() if each["name"] == PROFILE]
    assert profile["expires_at"][:10] == latest.expiration_date.date().isoformat()


def test_what_was_chosen_for_an_app_is_handed_out(cast: Cast, held: Buildable) -> None:
    identity, other = make_identity(held.team, 1)
    first = make_file(held.team, other, 1, IDENTIFIER, days=50)
    make_file(held.team, other, 1, IDENTIFIER, days=300)
    make_file(held.team, held.certificate, 0, "com.acme.second")

    def files(project: str = "") -> list[tuple[str, str]]:
        found = match(cast, cast.root, project).files()
        return [(each["name"], each["expires_at"][:10]) for each in found]

    def day(profile: Profile) -> str:
        return str(profile.expiration_date.date())  # type: ignore[union-attr]

    assert files()[0][0] == CER
    Assignment.pin(SYSTEM, held.app, "certificate:app-store", credential=identity)
    assert files()[0][0] == CER.replace("CERT0", "CERT1")
    Assignment.pin(SYSTEM, held.app, "profile:app-store", profile=first)
    assert (PROFILE, day(first)) in files()
    # A choice for one app says nothing in the project of another
    assert files(f"{cast.root.slug}/com.acme.second")[0][0] == CER
    for slot in Assignment.objects.all():
        slot.unpin(SYSTEM)
    Assignment.pin(SYSTEM, held.app, "profile:app-store", profile=held.profile)
    assert (PROFILE, day(held.profile)) in files()


def test_installers_come_along_though_no_profile_holds_them(cast: Cast, held: Buildable) -> None:
    make_identity(held.team, 1, "MAC_INSTALLER_DISTRIBUTION")
    stem = f"{FOLDER}/certs/mac_installer_distribution/CERT1"
    assert {f"{stem}.cer", f"{stem}.p12"} < match(cast, cast.root).downloaded().keys()
    assert len(match(cast, cast.root, bundle_ids=[IDENTIFIER]).files()) == 3


def test_what_nobody_may_reveal_is_not_listed(cast: Cast, held: Buildable) -> None:
    client = match(cast, cast.root)
    file = next(each for each in client.files() if each["name"] == KEY)
    require_approval(cast)
    assert client.files() == []
    assert client.get(f"/{file['id']}/download").status_code == 404
    cast.root.reveal_needs_approval = False
    cast.root.save(update_fields=["reveal_needs_approval"])
    Credential.objects.get(pk=held.identity.pk).allow_reveal(cast.actor("root_owner"), allowed=False)
    assert client.files() == []


def test_pages_are_as_gitlab_has_them(cast: Cast, held: Buildable) -> None:
    client = match(cast, cast.root)
    first, last = client.get("?per_page=2"), client.get("?per_page=2&page=2")
    assert [len(each.json()) for each in (first, last)] == [2, 1]  # type: ignore[attr-defined]
    told = {
        name: first[name] for name in ("X-Total", "X-Total-Pages", "X-Page", "X-Next-Page", "X-Prev-Page")
    }
    assert list(told.values()) == ["3", "2", "1", "2", ""]
    assert 'secure_files?page=2&per_page=2>; rel="next"' in first["Link"]
    assert 'rel="next"' not in last["Link"]
    assert client.get("?per_page=5000")["X-Per-Page"] == "100"
    assert client.get("?page=99").json() == []  # type: ignore[attr-defined]


def test_it_is_read_only(cast: Cast, held: Buildable) -> None:
    client = match(cast, cast.root)
    path, headers = f"/api/v4/projects/{cast.root.slug}/secure_files", {"PRIVATE-TOKEN": client.token}
    [file, *_] = client.files()
    for answer in (
        Client().post(path, {"name": "x"}, headers=headers),
        Client().delete(f"{path}/{file['id']}", headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "read-only")
    assert Client().post(path).status_code == 401


def test_more_profiles_take_no_more_queries(cast: Cast, held: Buildable) -> None:
    client = match(cast, cast.root)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.files()
        return len(captured)

    queries()
    before = queries()
    for number in range(5):
        make_file(held.team, held.certificate, 0, f"com.acme.more{number}")
    assert queries() == before
    assert Certificate.objects.count() == 1
