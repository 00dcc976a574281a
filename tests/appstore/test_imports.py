"""Importing: uploaded, read by a worker, shown, chosen, stored; and again, when all of it is here already."""

import json
from typing import Any

import pytest
from django.urls import reverse

from appstore.models import AppStoreConnectKey, Certificate, ImportItem, ImportUpload, Profile
from credentials.making.zip_file import zip_of
from credentials.models import Credential
from credentials.parsing.certificate import parse_certificate
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.importing import match_files, match_zip, post, press, store_all, uploaded, work
from tests.conftest import Cast
from tests.credentials import keystores
from tests.credentials.kind_uploads import RSA_KEY, service_account
from tests.credentials.signing_material import PASSPHRASE, bare_key, certificate, p12, pkcs8, profile


def states(upload: ImportUpload) -> list[tuple[str, str]]:
    return sorted(upload.items.values_list("kind", "state"))


def kinds(cast: Cast) -> list[str]:
    return sorted(Credential.objects.filter(organization=cast.root).values_list("kind", flat=True))


def why(upload: ImportUpload) -> dict[str, str]:
    return dict(upload.problems)


def stored_profile() -> bytes:
    return Credential.objects.get(kind="provisioning-profile").reveal(SYSTEM, purpose="test")


def test_a_match_repository_comes_in_once(cast: Cast) -> None:
    """In match's first encryption; tests/appstore/test_working_sets.py has the second."""
    client = cast.client("root_owner")
    upload = uploaded(client, cast.root, ("match.zip", match_zip(1)), passphrase=PASSPHRASE)
    assert (upload.state, upload.content, upload.passwords) == ("READ", None, None)
    assert kinds(cast) == []
    page = client.get(upload.page_path()).content.decode()
    assert "Apple Distribution: Ada 0" in page
    assert "Its private key is in this upload." in page

    upload = store_all(client, upload)
    assert upload.state == "DONE"
    assert kinds(cast) == ["apple-certificate", "provisioning-profile"]
    identity = Credential.objects.get(kind="apple-certificate")
    assert identity.reveal(SYSTEM, purpose="test") == pkcs8()
    assert stored_profile() == match_files()["profiles/appstore/AppStore_com.example.app.mobileprovision"]
    added = AuditEvent.objects.filter(action=Action.CREDENTIAL_CREATED, actor_user=cast.root_owner)
    assert added.count() == 2
    finished = AuditEvent.objects.get(action=Action.IMPORT_FINISHED)
    assert finished.facts["counts"]["stored"] == 2
    assert not ImportItem.objects.exclude(content__isnull=True).exists()

    again = uploaded(client, cast.root, ("match.zip", match_zip(1)), passphrase=PASSPHRASE)
    assert states(again) == [("apple-certificate", "DUPLICATE"), ("provisioning-profile", "DUPLICATE")]
    assert "Nothing in it is new." in client.get(again.page_path()).content.decode()
    assert len(kinds(cast)) == 2


def test_a_wrong_passphrase_is_asked_for_again_without_another_upload(cast: Cast) -> None:
    client = cast.client("root_owner")
    upload = uploaded(client, cast.root, ("match.zip", match_zip()))
    page = client.get(upload.page_path()).content.decode()
    assert "This repository is encrypted." in page
    for passphrase, state in (("wrong one", "FAILED"), (PASSPHRASE, "SUCCEEDED")):
        assert press(client, upload, "read-again", passphrase=passphrase).status_code == 302
        work()
        upload = ImportUpload.objects.get(pk=upload.pk)
        assert upload.run is not None
        assert upload.run.state == state
        if state == "FAILED":
            assert "does not open this repository" in client.get(upload.page_path()).content.decode()
            assert passphrase not in client.get(upload.page_path()).content.decode()
    assert upload.state == "READ"
    assert upload.content is None


@pytest.fixture
def eas_zip() -> bytes:
    keystore = keystores.jks("store word", (keystores.self_signed("upload", RSA_KEY), "key word"))
    document = {
        "ios": {
            "provisioningProfilePath": "ios/app.mobileprovision",
            "distributionCertificate": {"path": "ios/dist.p12", "password": "p12 word"},
        },
        "android": {
            "keystore": {
                "keystorePath": "android/k.jks",
                "keystorePassword": "store word",
                "keyAlias": "upload",
                "keyPassword": "key word",
            }
        },
    }
    return zip_of(
        {
            "app/credentials.json": json.dumps(document).encode(),
            "app/ios/dist.p12": p12(0, "p12 word"),
            "app/ios/app.mobileprovision": profile(),
            "app/android/k.jks": keystore,
            "app/play.json": service_account(),
        }
    )


def test_an_eas_project_comes_in_with_the_passwords_that_it_tells(cast: Cast, eas_zip: bytes) -> None:
    client = cast.client("sub_a_admin")
    upload = uploaded(client, cast.sub_a, ("app.zip", eas_zip))
    assert upload.problems == []
    store_all(client, upload)
    stored = Credential.objects.filter(organization=cast.sub_a).values_list("kind", flat=True)
    assert sorted(stored) == [
        "android-keystore",
        "apple-certificate",
        "google-service-account-key",
        "provisioning-profile",
    ]


def test_halves_find_each_other_and_what_apple_has(cast: Cast) -> None:
    """Loose files: a .p12, a key whose certificate is at Apple only, a certificate without a key, a broken file."""
    key = factories.make_key(cast.root)
    facts = parse_certificate(certificate(1))
    at_apple = Certificate.objects.create(
        team=key.team,
        apple_id="C1",
        certificate_content=certificate(1),
        sha256=facts.sha256,
        public_key_sha256=facts.public_key_sha256,
    )
    Profile.objects.create(team=key.team, apple_id="P1", uuid=uuid_of(profile()), profile_state="INVALID")
    client = cast.client("root_owner")
    files = [
        ("dist.p12", p12(0, "word")),
        ("lone.pem", bare_key(1)),
        ("alone.cer", certificate(2)),
        ("orphan.pem", bare_key(3)),
        ("app.mobileprovision", profile()),
        ("google-services.json", b'{"project_info": {}, "client": []}'),
        ("broken.p12", p12(0, "another")),
        ("notes.txt", b"hello"),
    ]
    upload = uploaded(client, cast.root, *files, password="word")
    found = {item.paths[0]: item for item in upload.items.all()}
    assert sorted(found) == ["app.mobileprovision", "dist.p12", "lone.pem"]
    assert found["lone.pem"].notes == ["At Apple."]
    assert "At Apple, invalid: it is synced from there." in found["app.mobileprovision"].notes
    problems = why(upload)
    assert sorted(problems) == ["alone.cer", "broken.p12", "google-services.json", "orphan.pem"]
    assert "without its private key" in problems["alone.cer"]
    assert "holds no secret" in problems["google-services.json"]
    assert "neither in the upload nor" in problems["orphan.pem"]
    store_all(client, upload)
    identity = Credential.objects.get(identifier=at_apple.sha256)
    assert identity.reveal(SYSTEM, purpose="test") == pkcs8(1)


def uuid_of(content: bytes) -> str:
    from credentials.parsing.profile import parse_profile

    return parse_profile(content).uuid


def test_a_p8_becomes_what_somebody_says_it_is(cast: Cast) -> None:
    client = cast.client("root_owner")
    files = [("AuthKey_ABCDE12345.p8", factories.make_p8()), ("AuthKey_FGHIJ67890.p8", factories.make_p8())]
    upload = uploaded(client, cast.root, *files)
    team, push = (item.pk for item in upload.items.order_by("name"))
    words: dict[str, Any] = {
        "item": [str(team), str(push)],
        f"{team}-purpose": "TEAM",
        f"{push}-purpose": "APNS",
    }
    words |= {f"{team}-key_id": "ABCDE12345", f"{push}-key_id": "FGHIJ67890", f"{team}-owner": ""}
    refused = press(client, upload, "store", **words)
    assert refused.status_code == 400
    assert "Type the Issuer ID." in refused.content.decode()
    assert "A Team ID is 10 letters and digits" in refused.content.decode()

    words |= {f"{team}-owner": "57246542-96fe-1a63-e053-0824d011072a", f"{push}-owner": "TEAM567890"}
    assert press(client, upload, "store", **words).status_code == 302
    work()
    assert kinds(cast) == ["apns-key", "app-store-connect-api-key"]
    assert AppStoreConnectKey.objects.get().sync_runs.get().kind == "CHECK"


def test_only_what_is_ticked_is_stored_and_the_rest_is_forgotten(cast: Cast) -> None:
    client = cast.client("root_owner")
    upload = uploaded(client, cast.root, ("match.zip", match_zip()), passphrase=PASSPHRASE)
    assert press(client, upload, "store").status_code == 200  # nothing was chosen: nothing happens
    foreign = str(factories.make_import(cast.sub_a).items.get().pk)
    chosen = upload.items.get(kind="provisioning-profile")
    assert press(client, upload, "store", item=[str(chosen.pk), foreign, "no id"]).status_code == 302
    work()
    assert states(upload) == [("apple-certificate", "LEFT"), ("provisioning-profile", "STORED")]
    assert kinds(cast) == ["provisioning-profile"]
    assert Credential.objects.filter(organization=cast.sub_a).count() == 0
    assert not upload.items.exclude(content__isnull=True).exists()


def test_discarding_deletes_what_was_uploaded(cast: Cast) -> None:
    client = cast.client("root_owner")
    upload = uploaded(client, cast.root, ("match.zip", match_zip()), passphrase=PASSPHRASE)
    assert press(client, upload, "discard").status_code == 302
    upload.refresh_from_db()
    assert (upload.state, upload.items.count(), kinds(cast)) == ("DISCARDED", 0, [])
    assert press(client, upload, "store", rest="1").status_code == 302
    work()
    assert kinds(cast) == []


REFUSED = {
    "nothing": (("empty.zip", b""), "The file is empty."),
    "a hostile path": (
        ("evil.zip", zip_of({"in/up.p12": b"x"}).replace(b"in/up", b"../up")),
        "would lead out of its folder",
    ),
    "no zip": (("broken.zip", b"PK\x03\x04 and no more"), "damaged"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_cannot_be_read_says_why_and_is_not_kept(cast: Cast, case: str) -> None:
    file, words = REFUSED[case]
    client = cast.client("root_owner")
    answer = post(client, cast.root, file)
    if answer.status_code == 302:
        work()
        answer = client.get(answer["Location"])
    assert words in answer.content.decode()
    assert not ImportUpload.objects.exclude(content__isnull=True).exists()


def test_a_sixth_import_waits_until_one_has_ended(cast: Cast) -> None:
    client = cast.client("root_owner")
    for _ in range(5):
        assert post(client, cast.root, ("a.pem", b"x")).status_code == 302
    assert "5 imports are waiting here already." in post(client, cast.root, ("a.pem", b"x")).content.decode()
    press(client, ImportUpload.objects.latest("created_at"), "discard")
    assert post(client, cast.root, ("a.pem", b"x")).status_code == 302


def test_nobody_else_sees_an_import(cast: Cast) -> None:
    upload = factories.make_import(cast.root)
    elsewhere = reverse("import", args=[cast.sub_a.slug, upload.pk])
    assert cast.client("sub_a_admin").get(elsewhere).status_code == 404
    assert cast.client("root_viewer").get(upload.page_path()).status_code == 403
