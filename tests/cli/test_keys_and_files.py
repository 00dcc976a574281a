"""keys, sync and credentials.json push: against the product's own views."""

import json
from pathlib import Path

import pytest

from appstore.models import SyncRun
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import ApiToken, Organization
from organizations.permissions import TOKEN_SCOPES, Permission
from tests import factories
from tests.cli.conftest import HUB, Hub, Run
from tests.conftest import Cast
from tests.credentials import apple_files
from tests.credentials.kind_uploads import UPLOADS


def sign_in(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, organization: Organization, *scopes: Permission
) -> None:
    _, text = ApiToken.issue(
        cast.actor("root_owner"), organization, name="CI", scopes=list(scopes or TOKEN_SCOPES)
    )
    monkeypatch.setenv("CREDHUB_URL", HUB)
    monkeypatch.setenv("CREDHUB_TOKEN", text)


def test_the_keys_that_there_are(hub: Hub, credhub: Run, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    key = factories.make_key(cast.root, name="Acme\x1b]0;x App Store", key_id="2X9R4HXF34")
    share(SYSTEM, key.credential, with_all=True, chosen=[])
    sign_in(cast, monkeypatch, cast.sub_a)
    (told,) = credhub("keys", "--json").json["items"]
    assert (told["id"], told["key_id"], told["root"]) == (str(key.credential_id), "2X9R4HXF34", True)
    lines = credhub("keys").out.splitlines()
    assert lines[0].split() == ["NAME", "KEY", "ID", "TEAM", "TYPE", "HEALTH", "LAST", "SYNC"]
    assert ("\x1b" in lines[1], "UNCHECKED (Root)" in lines[1]) == (False, True)


def test_a_sync_to_its_end(hub: Hub, credhub: Run, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(cast, monkeypatch, cast.root)
    assert credhub("sync").code == 1  # there is no key: a 422 of the API
    key = factories.make_key(cast.root, name="Store", key_id="2X9R4HXF34")
    factories.make_key(cast.root, name="Other", issuer_id="another-team")
    assert credhub("sync", "--key", "Nobody's").code == 5
    assert credhub("sync", "--json", "--key", "2X9R4HXF34").json["state"] == "QUEUED"
    steps = [
        {"state": "RUNNING", "counts": {"certificates": {"seen": 3, "total": 3}}},
        {"state": "RUNNING", "counts": {"certificates": {"seen": 3, "total": 3}, "bundleIds": {"seen": 9, "total": 9}}},
        {"state": "SUCCEEDED"},
    ]  # fmt: skip
    runs = SyncRun.objects.filter(kind="SYNC")
    monkeypatch.setattr("credhub_cli.waiting.sleep", lambda _seconds: runs.update(**steps.pop(0)))
    done = credhub("sync", "--wait", "--key", "Store")
    assert (done.code, runs.get().team) == (0, key.team), done.err
    assert [line.partition(": ")[2] for line in done.err.splitlines()] == [
        "queued", "3 certificates", "3 certificates, 9 bundle IDs",
    ]  # fmt: skip
    assert done.out.endswith("SUCCEEDED (3 certificates, 9 bundle IDs)\n")
    steps = [{"state": "FAILED", "error_code": "unauthorized", "error_message": "Apple refuses this key."}]
    failed = credhub("sync", "--wait", "--key", "Store", "--json")
    assert (failed.code, failed.error["detail"]) == (1, "Apple refuses this key.")


def test_what_eas_has_is_uploaded(
    hub: Hub, credhub: Run, cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(cast, monkeypatch, cast.root)
    monkeypatch.chdir(home)
    assert credhub("credentials.json", "push").code == 5
    keystore = UPLOADS["android-keystore"]()[0]
    profile = UPLOADS["provisioning-profile"]()[0]
    (home / "ios").mkdir()
    (home / "ios" / "cert.p12").write_bytes(apple_files.p12())
    (home / "ios" / "app.mobileprovision").write_bytes(profile.files["file"][1])
    (home / "release.jks").write_bytes(keystore.files["file"][1])
    target = {
        "provisioningProfilePath": "ios/app.mobileprovision",
        "distributionCertificate": {"path": "ios/cert.p12", "password": "wrong"},
    }
    words = {
        "keystorePath": "release.jks", "keystorePassword": keystore.fields["password"], "keyAlias": "release",
    }  # fmt: skip
    document = {"ios": {"App": target, "Share": target}, "android": {"keystore": words}}
    file = home / "credentials.json"
    file.write_text(json.dumps(document))
    wrong = credhub("credentials.json", "push", "--json")
    assert (wrong.code, wrong.error["code"]) == (1, "not-valid")
    assert wrong.error["detail"].startswith("ios/cert.p12: password: ")
    target["distributionCertificate"]["password"] = apple_files.PASSWORD  # type: ignore[index]
    file.write_text(json.dumps(document))
    done = credhub("credentials.json", "push", "--json")
    assert done.code == 0, done.err
    assert [(each["kind"], each["state"]) for each in done.json["items"]] == [
        ("apple-certificate", "added"), ("provisioning-profile", "added"), ("android-keystore", "added"),
    ]  # fmt: skip
    kept = {str(pk) for pk in Credential.objects.values_list("pk", flat=True)}
    assert {each["id"] for each in done.json["items"]} == kept
    again = credhub("credentials.json", "push").out.splitlines()
    assert [line.endswith(": was there already") for line in again] == [True] * 3
    assert apple_files.PASSWORD not in done.out + done.err + wrong.err
    for text in ("[]", "{", '{"ios": {"App": {}}}', '{"android": {"keystore": {"keystorePath": "x"}}}'):
        file.write_text(text)
        assert credhub("credentials.json", "push").code == 2, text
    sign_in(cast, monkeypatch, cast.root, Permission.CREDENTIAL_VIEW)
    file.write_text(json.dumps(document))
    assert credhub("credentials.json", "push").code == 4
