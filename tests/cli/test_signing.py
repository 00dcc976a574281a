"""What is signed with: fetched, installed, given to a command, written for EAS. Against the contract's stub."""

import json
import os
import plistlib
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cli.conftest import HUB, Run
from tests.cli.stub import APP, KEYSTORE, P12, PASSWORD, SHA1, SHARE, STORE_PASSWORD, Stub

IOS = ("--bundle-id", APP, "--distribution", "app-store")
BOTH = ("--bundle-id", SHARE, *IOS)
ANDROID = ("--application-id", APP)
SECRETS = (PASSWORD, STORE_PASSWORD, "another", "chub_")


@pytest.fixture
def stub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Stub:
    made = Stub()
    made.install(monkeypatch)
    monkeypatch.setenv("CREDHUB_URL", HUB)
    monkeypatch.setenv("CREDHUB_TOKEN", "chub_" + "x" * 49)
    monkeypatch.chdir(home)
    return made


def test_files_for_their_owner_alone(
    stub: Stub, credhub: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/app")
    done = credhub("signing", "fetch", *BOTH, *ANDROID, "--out", "secret", "--json")
    assert done.code == 0, done.err
    files = {path.name: path.read_bytes() for path in (home / "secret").iterdir()}
    assert (files["identity.p12"], files["identity.password"].decode()) == (P12, PASSWORD)
    assert plistlib.loads(files["ExportOptions.plist"].replace(b"<plist/>", b"<plist><dict/></plist>")) == {}
    assert [len(name) for name in files if name.endswith(".mobileprovision")] == [52, 52]
    assert files["release.jks"] == KEYSTORE
    words = "storeFile=release.jks\nstorePassword=\\ \\#1\\: gr\\u00fcn\\=\\\\\nkeyAlias=release\nkeyPassword=another\n"
    assert files["keystore.properties"].decode() == words
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home / "secret").iterdir()}
    assert (modes, stat.S_IMODE((home / "secret").stat().st_mode)) == ({0o600}, 0o700)
    assert sorted(done.json["files"]) == sorted(f"secret/{name}" for name in files)
    assert done.json["ios"]["identity"]["sha1"] == SHA1
    (query,) = stub.queries("/signing-assets")
    assert query["bundle_id"] == [SHARE, APP]
    assert query["purpose"] == ["credhub signing fetch: GitHub Actions acme/app"]
    said = credhub("signing", "fetch", *BOTH, *ANDROID, "--out", "secret")
    assert "3 enabled devices" in said.err
    for secret in SECRETS:
        assert secret not in done.out + done.err + said.out + said.err


def test_what_is_missing_is_made_first(stub: Stub, credhub: Run) -> None:
    stub.states = ["RUNNING", "SUCCEEDED"]
    done = credhub("signing", "fetch", *IOS, "--ensure")
    assert (done.code, done.err.splitlines()[:2]) == (0, ["A profile is made.", "Acme: queued"])
    assert len(stub.queries("/signing-assets")) == 2
    stub.states = ["FAILED"]
    failed = credhub("signing", "fetch", *IOS, "--ensure", "--json")
    assert (failed.code, failed.out) == (1, "")
    assert failed.error == {
        "exit_code": 1, "code": "apple", "detail": "Apple refused it. Makes a profile.", "request_id": "",
    }  # fmt: skip
    stub.states = ["RUNNING"]
    late = credhub("signing", "fetch", *IOS, "--ensure", "--timeout", "0", "--json")
    assert (late.code, late.error["code"]) == (8, "timeout")


def test_an_app_is_ensured(stub: Stub, credhub: Run) -> None:
    words = ("ensure", APP, "--distribution", "ad-hoc", "--json")
    assert credhub(*words, "--dry-run").json == {"plan": ["A profile is made."], "steps": 1, "sync": None}
    assert credhub(*words).json["sync"]["state"] == "QUEUED"
    stub.states = ["RUNNING", "SUCCEEDED"]
    assert credhub(*words, "--wait").json["sync"]["state"] == "SUCCEEDED"
    assert credhub("ensure", "com.acme.other", "--distribution", "ad-hoc").code == 5


REFUSALS = [(401, 3), (403, 4), (404, 5), (409, 6), (422, 1), (500, 1), (503, 7)]


@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_a_refusal_is_an_exit_code(stub: Stub, credhub: Run, home: Path, status: int, code: int) -> None:
    stub.refusal = (status, "no-signing-assets", "Nothing\x1b[2J fits.")
    done = credhub("signing", "fetch", *IOS, "--json")
    assert (done.code, done.error["code"], done.error["request_id"]) == (code, "no-signing-assets", "r-1")
    assert not (home / "signing").exists()
    assert credhub("run", *IOS, "--", "true").err == "credhub: Nothing�[2J fits. (request r-1)\n"


def test_what_does_not_fit_together_is_said(stub: Stub, credhub: Run, home: Path) -> None:
    for words in (
        ("signing", "fetch"), ("signing", "fetch", "--bundle-id", APP), ("run", *IOS), ("keys", "--", "x"),
        ("credentials.json", "pull", *BOTH), ("credentials.json", "pull", *IOS, "--target", "Acme"), ("signing",),
    ):  # fmt: skip
        assert credhub(*words).code == 2, words
    stub.names = {APP: "../../.bashrc"}
    assert credhub("signing", "fetch", *IOS, "--json").error["code"] == "unexpected"
    assert not (home.parent / ".bashrc").exists()
    assert not (home / "signing").exists()


SHOW = """
import json, os, pathlib, sys
e = os.environ
print(json.dumps({n: v for n, v in e.items() if n.startswith("CREDHUB_")}), file=open(sys.argv[1], "w"))
assert pathlib.Path(e["CREDHUB_P12"]).read_bytes() and pathlib.Path(e["CREDHUB_KEYSTORE"]).read_bytes()
sys.exit(7)
"""


def test_a_command_has_them_as_long_as_it_runs(stub: Stub, credhub: Run, home: Path) -> None:
    done = credhub("run", *BOTH, *ANDROID, "--", sys.executable, "-c", SHOW, "seen.json")
    assert done.code == 7, done.err
    seen = json.loads((home / "seen.json").read_text())
    assert (seen["CREDHUB_P12_PASSWORD"], seen["CREDHUB_KEYSTORE_PASSWORD"]) == (PASSWORD, STORE_PASSWORD)
    assert (seen["CREDHUB_TEAM_ID"], seen["CREDHUB_IDENTITY_SHA1"]) == ("ABCDE12345", SHA1)
    assert "CREDHUB_TOKEN" not in seen
    places = [seen["CREDHUB_P12"], seen["CREDHUB_EXPORT_OPTIONS"], *seen["CREDHUB_PROFILES"].split(":")]
    assert {Path(each).parent for each in places} == {Path(seen["CREDHUB_SIGNING_DIR"])}
    assert not Path(seen["CREDHUB_SIGNING_DIR"]).exists()
    missing = credhub("run", *IOS, "--", "no-such-command-here")
    assert missing.code == 5


def test_a_signal_ends_the_command_and_leaves_nothing(
    stub: Stub, credhub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    was = signal.getsignal(signal.SIGTERM)
    script = "kill -TERM $PPID; sleep 60"
    assert credhub("run", *IOS, "--", "sh", "-c", script).code == 128 + signal.SIGTERM
    stub.told = lambda _request: os.kill(os.getpid(), signal.SIGTERM) or (200, {})  # type: ignore[method-assign,func-returns-value]
    assert credhub("run", *IOS, "--", "true").code == 128 + signal.SIGTERM
    assert list(tmp_path.glob("credhub-*")) == []
    assert signal.getsignal(signal.SIGTERM) is was


def test_eas_finds_its_files(stub: Stub, credhub: Run, home: Path) -> None:
    done = credhub("credentials.json", "pull", *IOS, *ANDROID)
    assert done.code == 0, done.err
    assert ".gitignore" in done.err
    document = json.loads((home / "credentials.json").read_text())
    certificate = document["ios"]["distributionCertificate"]
    assert (home / certificate["path"]).read_bytes() == P12
    assert certificate["password"] == PASSWORD
    assert (home / document["ios"]["provisioningProfilePath"]).read_bytes() == b"profile 1"
    kept = document["android"]["keystore"]
    assert (home / kept["keystorePath"]).read_bytes() == KEYSTORE
    assert (kept["keystorePassword"], kept["keyAlias"], kept["keyPassword"]) == (
        STORE_PASSWORD,
        "release",
        "another",
    )
    written = [
        home / "credentials.json",
        *(path for path in (home / "credentials").rglob("*") if path.is_file()),
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    subprocess.run(["git", "init", "-q", str(home)], check=True)
    (home / ".gitignore").write_text("/credentials.json\n/credentials/\n")
    several = credhub("credentials.json", "pull", "--distribution", "app-store", "--json",
                      "--target", f"Acme={APP}", "--target", f"Share={SHARE}")  # fmt: skip
    assert several.json["ignored_by_git"] is True
    assert list(json.loads((home / "credentials.json").read_text())["ios"]) == ["Acme", "Share"]


def test_elsewhere_files_are_installed_and_taken_away(stub: Stub, credhub: Run, home: Path) -> None:
    (home / "mine").mkdir()
    (home / "mine" / "other.txt").write_text("stays")
    done = credhub("signing", "install", *IOS, "--out", "mine", "--json")
    assert (done.code, done.json["keychain"]) == (0, None)
    assert len(list((home / "mine").iterdir())) == 5
    assert len(credhub("signing", "uninstall", "--json").json["removed"]) == 4
    assert [path.name for path in (home / "mine").iterdir()] == ["other.txt"]
    assert credhub("signing", "uninstall", "--json").json == {"removed": []}
