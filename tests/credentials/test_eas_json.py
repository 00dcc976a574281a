"""credentials.json as EAS writes it and as people do: read with its files, written at EAS's own paths."""

import json
from typing import Any

import pytest

from credentials.making.eas_json import Keystore, Target, eas_files
from credentials.parsing.eas_json import EasCredentials, read_eas
from credentials.parsing.errors import ParsingError

FILES = {"keys/dist.p12": b"p12", "keys/app.mobileprovision": b"profile", "keys/up.jks": b"jks"}


def target(**changes: Any) -> dict[str, Any]:
    return {
        "provisioningProfilePath": "keys/app.mobileprovision",
        "distributionCertificate": {"path": "keys/dist.p12", "password": "sesame"},
    } | changes


def android(**changes: Any) -> dict[str, Any]:
    told = {
        "keystorePath": "./keys/up.jks",
        "keystorePassword": "s1",
        "keyAlias": "upload",
        "keyPassword": "s2",
    }
    return {"keystore": {name: value for name, value in (told | changes).items() if value is not None}}


def read(document: Any, folder: str = "") -> EasCredentials:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    files = {folder + path: content for path, content in FILES.items()}
    return read_eas({**files, f"{folder}credentials.json": content}, f"{folder}credentials.json")


def refused(document: Any) -> str:
    with pytest.raises(ParsingError) as caught:
        read(document)
    return caught.value.code


@pytest.mark.parametrize("folder", ["", "my app/"])
def test_one_target_and_a_keystore(folder: str) -> None:
    found = read({"ios": target(), "android": android()}, folder)
    (only,) = found.targets
    assert (only.name, only.p12, only.p12_password, only.profile) == ("", b"p12", "sesame", b"profile")
    assert only.p12_path == f"{folder}keys/dist.p12"
    assert found.keystore
    assert (found.keystore.content, found.keystore.password) == (b"jks", "s1")
    assert (found.keystore.alias, found.keystore.key_password) == ("upload", "s2")
    assert found.problems == ()


def test_several_targets() -> None:
    found = read({"ios": {"App": target(), "Share Extension": target()}})
    assert [each.name for each in found.targets] == ["App", "Share Extension"]
    assert found.keystore is None


def test_empty_and_absent_passwords() -> None:
    """EAS allows both: a .p12 with an empty one, and a key with the keystore's own."""
    certificate = {"path": "keys/dist.p12", "password": ""}
    found = read({"ios": target(distributionCertificate=certificate), "android": android(keyPassword=None)})
    assert found.targets[0].p12_password == ""
    assert found.keystore
    assert found.keystore.key_password == ""


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../dist.p12", "unsafe-path"),
        ("keys/../../dist.p12", "unsafe-path"),
        ("/etc/passwd", "unsafe-path"),
        ("C:\\keys\\dist.p12", "unsafe-path"),
        ("\\\\host\\share", "unsafe-path"),
        ("keys/missing.p12", "missing-file"),
        ("KEYS/dist.p12", "missing-file"),
    ],
)
def test_files_outside_and_files_that_are_not_there(path: str, code: str) -> None:
    found = read({"ios": target(provisioningProfilePath=path), "android": android()})
    assert found.targets == ()
    assert found.keystore  # the rest is read
    assert [problem.code for problem in found.problems] == [code]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"ios": target(distributionCertificate=None)}, "ios"),
        ({"ios": target(distributionCertificate={"path": "keys/dist.p12"})}, "ios"),
        ({"ios": {"App": target(provisioningProfilePath="")}}, "ios.App"),
        ({"ios": {"App": 5}}, "ios.App"),
        ({"ios": []}, "ios"),
        ({"ios": {}}, "ios"),
        ({"android": {}}, "android.keystore"),
        ({"android": android(keyAlias=None)}, "android.keystore"),
        ({"android": android(keystorePassword=5)}, "android.keystore"),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value)[:60],
)
def test_parts_that_are_not_complete(document: Any, where: str) -> None:
    (problem,) = read(document).problems
    assert (problem.path, problem.code) == (where, "not-complete")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"{", "not-json"),
        (b"[]", "not-json"),
        (b"[" * 60_000, "not-json"),
        (b'{"ios": "\\ud800"}', "not-json"),
        (b" " * 70_000 + b"{}", "not-json"),
        (json.dumps({"ios": {str(number): {} for number in range(101)}}).encode(), "not-json"),
        ({}, "nothing-in-it"),
        ({"ios": None}, "nothing-in-it"),
    ],
    ids=["cut", "a list", "deep", "half a character", "large", "targets", "empty", "null"],
)
def test_other_files_are_refused(document: Any, code: str) -> None:
    assert refused(document) == code


def test_there_is_none() -> None:
    with pytest.raises(ParsingError) as caught:
        read_eas({"app/credentials.json": b"{}"})
    assert caught.value.code == "no-credentials-json"


APP = Target("App", b"p12", "sesame", b"profile")
SHARE = Target("Share", b"p12 2", "open", b"profile 2")
UPLOAD = Keystore(b"jks", "s1", "upload", "s2")


def test_one_target_is_written_where_eas_writes_it() -> None:
    files = eas_files([APP], UPLOAD)
    assert list(files) == [
        "credentials.json", "credentials/ios/dist-cert.p12", "credentials/ios/profile.mobileprovision",
        "credentials/android/keystore.jks",
    ]  # fmt: skip
    assert json.loads(files["credentials.json"]) == {
        "ios": {
            "provisioningProfilePath": "credentials/ios/profile.mobileprovision",
            "distributionCertificate": {"path": "credentials/ios/dist-cert.p12", "password": "sesame"},
        },
        "android": {
            "keystore": {
                "keystorePath": "credentials/android/keystore.jks",
                "keystorePassword": "s1",
                "keyAlias": "upload",
                "keyPassword": "s2",
            }
        },
    }


def test_several_targets_have_their_names_before_their_files() -> None:
    files = eas_files([APP, SHARE])
    assert "credentials/ios/App-dist-cert.p12" in files
    assert "credentials/ios/Share-profile.mobileprovision" in files
    assert set(json.loads(files["credentials.json"])["ios"]) == {"App", "Share"}


def test_names_that_would_meet_or_lead_out() -> None:
    names = ["App", "app", "../../x", "a/b", "a:b", "Überall"]
    files = eas_files([Target(name, name.encode(), "pw", b"") for name in names])
    assert len(files) == 1 + 2 * len(names)
    assert len({path.lower() for path in files}) == len(files)
    found = read_eas(files)
    assert [(each.name, each.p12) for each in found.targets] == [(name, name.encode()) for name in names]


@pytest.mark.parametrize(
    "keystore", [None, UPLOAD, Keystore(b"jks", "s1", "upload", "")], ids=["none", "own", "same"]
)
@pytest.mark.parametrize("targets", [[APP], [APP, SHARE]], ids=["one", "two"])
def test_what_is_written_is_read_again(targets: list[Target], keystore: Keystore | None) -> None:
    found = read_eas(eas_files(targets, keystore))
    told = [(each.p12, each.p12_password, each.profile) for each in found.targets]
    assert told == [(each.p12, each.p12_password, each.profile) for each in targets]
    assert (found.keystore is None) == (keystore is None)
    if found.keystore and keystore:
        assert found.keystore.key_password == keystore.key_password
        assert (found.keystore.alias, found.keystore.content) == ("upload", b"jks")
    assert found.problems == ()


def test_what_is_never_written() -> None:
    with pytest.raises(ValueError, match="without a password"):
        eas_files([Target("App", b"", "", b"")])
    with pytest.raises(ValueError, match="same name"):
        eas_files([APP, APP])
