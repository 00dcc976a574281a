"""Exporting a working set: its shapes as other tools read them, and the door that it goes through."""

import plistlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from django.http import HttpResponse
from pytest_django import Settings

from appstore.models import Certificate, Profile
from credentials.models import RevealRequest
from credentials.parsing.eas_json import read_eas
from organizations.actors import Actor
from organizations.audit import Action
from tests import factories
from tests.appstore.exporting import Held, export, hold, unzipped
from tests.appstore.importing import uploaded
from tests.conftest import Cast
from tests.credentials.revealing import REASON, events, fresh_client, require_approval, second_owner
from tests.credentials.signing_material import certificate, key, profile
from tests.credentials.test_match_other_tools import NODE, node

PHRASE = "open sesame"  # what tests/credentials/test_match_other_tools.py gives to node
LONG = "a passphrase of many letters"


@pytest.fixture(scope="session")
def content() -> bytes:
    return profile()


@pytest.fixture
def held(cast: Cast, content: bytes) -> Held:
    return hold(cast.root, content)


def public_of(p12: bytes, password: str) -> Any:
    private, _certificate, _others = pkcs12.load_key_and_certificates(p12, password.encode())
    assert private is not None
    return private.public_key()


def said(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_plain_files(cast: Cast, held: Held, content: bytes) -> None:
    client = fresh_client(cast.root_owner)
    api_key = held.key.credential
    files = unzipped(export(client, held, held.identity, held.profile, held.keystore, api_key))
    assert sorted(files) == [
        "ExportOptions-app-store.plist",
        "certificates/apple-distribution-ada-0.p12",
        "keys/ABCDE12345.json",
        "keys/AuthKey_ABCDE12345.p8",
        "keystores/keystore.properties",
        "keystores/upload.jks",
        "keystores/upload.p12",
        "passwords.txt",
        "profiles/match-appstore-comexampleapp.mobileprovision",
    ]
    path, _colon, password = files["passwords.txt"].decode().strip().partition(": ")
    assert public_of(files[path], password) == key().public_key()
    options = plistlib.loads(files["ExportOptions-app-store.plist"])
    assert options["provisioningProfiles"] == {"com.example.app": held.profile.facts["uuid"]}
    assert files["profiles/match-appstore-comexampleapp.mobileprovision"] == content
    opened = {(event.subject_id, event.facts["what"]) for event in events(Action.CREDENTIAL_REVEALED)
              if event.actor_user == cast.root_owner}  # fmt: skip
    assert opened == {(str(each.pk), "set-files") for each in (held.identity, held.keystore, api_key)}
    assert [event.subject_id for event in events(Action.ASSET_DOWNLOADED)] == [str(held.profile.pk)]

    typed = unzipped(export(client, held, held.identity, password=LONG, modern="on"))
    assert list(typed) == ["certificates/apple-distribution-ada-0.p12"]
    assert public_of(next(iter(typed.values())), LONG) == key().public_key()


def test_eas_reads_its_own_back(cast: Cast, held: Held, content: bytes) -> None:
    client = fresh_client(cast.root_owner)
    answer = export(client, held, held.identity, held.profile, held.keystore, shape="set-eas")
    read = read_eas(unzipped(answer))
    (target,) = read.targets
    assert target.profile == content
    assert public_of(target.p12, target.p12_password) == key().public_key()
    assert read.keystore is not None
    assert (read.keystore.alias, read.keystore.password, read.keystore.key_password) == (
        "upload", "store word", "key word",
    )  # fmt: skip


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_another_tool_decrypts_the_match_repository_and_it_comes_in_again(
    cast: Cast, held: Held, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr("appstore.export_forms.SHORTEST", len(PHRASE))
    Certificate.objects.create(
        team=held.key.team,
        apple_id="APPLEID123",
        sha256=held.identity.identifier,
        certificate_content=certificate(),
    )
    client = fresh_client(cast.root_owner)
    words = {"shape": "set-match", "passphrase": PHRASE, "passphrase_again": PHRASE}
    for version, more in ((1, {"match_v1": "on"}), (2, {})):
        answer = export(client, held, held.identity, held.profile, **words, **more)
        files = unzipped(answer)
        private = node("open", version, files["certs/distribution/APPLEID123.p12"])
        assert serialization.load_pem_private_key(private, None).public_key() == key().public_key()
        path = "profiles/appstore/AppStore_com.example.app.mobileprovision"
        assert node("open", version, files[path]) == content
    upload = uploaded(client, cast.root, ("again.zip", answer.content), passphrase=PHRASE)
    assert set(upload.items.values_list("state", flat=True)) == {"DUPLICATE"}
    assert upload.items.count() == 2


def test_profiles_of_apples_mirror_go_along(cast: Cast, held: Held, content: bytes) -> None:
    mirrored = Profile.objects.create(
        team=held.key.team, apple_id="P1", name="From Apple", profile_state="ACTIVE", profile_content=content
    )
    client = fresh_client(cast.root_owner)
    assert "From Apple" in said(client.get(held.page))
    answer = export(client, held, held.identity, shape="set-eas", profile=[str(mirrored.pk)])
    assert read_eas(unzipped(answer)).targets[0].profile == content


MISFITS = {
    "nothing": ("set-files", [], "Choose what to take."),
    "no profile": ("set-eas", ["identity"], "signs for none of the chosen profiles"),
    "no identity": ("set-eas", ["profile"], "No chosen identity signs for the profile"),
    "a keystore in match": ("set-match", ["keystore"], "has no place for “upload”"),
}


def test_what_a_shape_has_no_place_for_opens_nothing(cast: Cast, held: Held) -> None:
    client = fresh_client(cast.root_owner)
    for shape, names, words in MISFITS.values():
        chosen = [getattr(held, name) for name in names]
        answer = export(client, held, *chosen, shape=shape, passphrase=LONG, passphrase_again=LONG)
        assert answer.status_code == 400
        assert words in said(answer)
    assert events(Action.CREDENTIAL_REVEALED) == []


TYPED_WRONG = {
    "Say why": {"reason": " "},
    "or leave it empty": {"password": "short"},
    "at least 12": {"shape": "set-match", "passphrase": "short"},
    "This is not the same": {"shape": "set-match", "passphrase": LONG, "passphrase_again": "another"},
}


def test_what_is_typed_wrong(cast: Cast, held: Held) -> None:
    client = fresh_client(cast.root_owner)
    for refusal, words in TYPED_WRONG.items():
        answer = export(client, held, held.identity, **words)
        assert answer.status_code == 400
        assert refusal in said(answer)
        assert LONG not in said(answer)
    assert events(Action.CREDENTIAL_REVEALED) == []


# The door


def test_one_that_may_not_be_opened_keeps_all_of_them_closed(
    cast: Cast, held: Held, settings: Settings
) -> None:
    client = fresh_client(cast.root_owner)
    held.keystore.allow_reveal(cast.actor("root_owner"), allowed=False)
    answer = export(client, held, held.identity, held.keystore)
    assert answer.status_code == 400
    assert "“upload”: Reveal is off" in said(answer)
    assert held.identity.name not in said(answer).split("“upload”")[0].split("Nothing was opened")[1]
    held.keystore.allow_reveal(cast.actor("root_owner"), allowed=True)
    settings.REVEALS_PER_HOUR = 1
    assert "You have opened 1 secrets" in said(export(client, held, held.identity, held.keystore))
    assert events(Action.CREDENTIAL_REVEALED) == []
    assert len(events(Action.CREDENTIAL_REVEAL_REFUSED)) == 2


def test_a_second_owner_approves_each_of_them(cast: Cast, held: Held) -> None:
    require_approval(cast)
    client, chosen = fresh_client(cast.root_owner), (held.identity, held.keystore, held.profile)
    assert export(client, held, *chosen).status_code == 302
    assert export(client, held, *chosen).status_code == 302  # asked for once
    requests = list(RevealRequest.objects.order_by("pk"))
    assert {each.credential_id for each in requests} == {held.identity.pk, held.keystore.pk}
    second = second_owner(cast)
    requests[0].approve(Actor(user=second))
    assert "1 of 2" in said(client.get(held.page))
    assert export(client, held, *chosen).status_code == 302
    requests[1].approve(Actor(user=second))
    assert "Choose these below" in said(client.get(held.page))
    assert (
        export(client, held, *chosen, shape="set-eas").status_code == 302
    )  # another shape is another request
    assert events(Action.CREDENTIAL_REVEALED) == []
    again = RevealRequest.objects.open().filter(what="set-files")
    assert not again.exists()  # the newer question took its place
    for each in RevealRequest.objects.open():
        each.approve(Actor(user=second))
    assert "credentials.json" in unzipped(export(client, held, *chosen, shape="set-eas"))
    assert {event.facts["approved_by"] for event in events(Action.CREDENTIAL_REVEALED)
            if event.actor_user == cast.root_owner} == {str(second)}  # fmt: skip
    assert export(client, held, *chosen, shape="set-eas").status_code == 302  # each approval counts once


def test_it_takes_a_fresh_session_and_a_ticket_that_works_once(cast: Cast, held: Held) -> None:
    stale = cast.client("root_owner")
    assert "/accounts/reauthenticate/" in stale.get(held.page)["Location"]
    assert stale.post(held.page, {"credential": str(held.identity.pk)}).status_code == 302
    client = fresh_client(cast.root_owner)
    data = {"ticket": client.get(held.page).context["ticket"], "reason": REASON, "shape": "set-files"}
    data["credential"] = str(held.identity.pk)
    assert client.post(held.page, data).status_code == 200
    assert client.post(held.page, data).status_code == 302
    assert len(events(Action.CREDENTIAL_REVEALED)) == 1


def test_who_may_not_reveal_takes_profiles_alone(cast: Cast, held: Held) -> None:
    factories.join(cast.outsider, cast.root, "DEVELOPER")  # type: ignore[arg-type]
    client = cast.client("outsider")
    page = said(client.get(held.page))
    assert held.profile.name in page
    assert held.identity.name not in page
    refused = export(client, held, held.identity, held.profile)
    assert "cannot be taken here any more" in said(refused)
    assert list(unzipped(export(client, held, held.profile, reason=""))) == [
        "profiles/match-appstore-comexampleapp.mobileprovision",
        "ExportOptions-app-store.plist",
    ]


def test_nothing_of_another_organization_is_offered_or_taken(cast: Cast, held: Held) -> None:
    client = cast.client("sub_a_admin")
    here = Held(held.identity, held.profile, held.keystore, held.key, cast.sub_a)
    assert held.profile.name not in said(client.get(here.page))
    assert export(client, here, held.profile).status_code == 400
