"""A Mac, as far as its `security` is: what it is told, and that no process can read a secret of it."""

import json
import stat
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import HUB, Run
from tests.cli.stub import APP, P12, PASSWORD, SHA1, Stub

TOKEN = "chub_" + "x" * 49
IOS = ("--bundle-id", APP, "--distribution", "app-store")
# Reads its line as the real one does, and keeps everything that it was told.
FAKE = f"""#!{sys.executable}
import json, os, pathlib, shlex, sys
here = pathlib.Path(os.environ["FAKE_SECURITY"])
words = sys.argv[1:]
told = sys.stdin.read() if words == ["-i"] else ""
line = shlex.split(told) if told else words
with (here / "log").open("a") as log:
    log.write(json.dumps({{"argv": words, "line": line}}) + "\\n")
keychains = here / "list"
if line[0] == "create-keychain":
    pathlib.Path(line[-1]).write_text("")
elif line[0] == "delete-keychain":
    pathlib.Path(line[-1]).unlink()
elif line[0] == "import":
    (here / "p12").write_bytes(pathlib.Path(line[1]).read_bytes())
    (here / "mode").write_text(oct(os.stat(line[1]).st_mode))
elif line[:2] == ["list-keychains", "-d"] and "-s" not in line:
    print('    "/home-of/ada/Library/Keychains/login.keychain-db"')
elif line[0] == "find-identity":
    print((here / "identities").read_text())
elif line[0] == "add-generic-password":
    (here / "token").write_text(line[-1])
elif line[0] == "find-generic-password":
    print((here / "token").read_text())
elif line[0] == "delete-generic-password":
    (here / "token").unlink()
if line[0] == (here / "refuses").read_text():
    print(line[0] + ": returned -25300", file=sys.stderr)
"""


@pytest.fixture
def mac(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the fake keeps what it was told."""
    folder = tmp_path / "security"
    folder.mkdir()
    tool = folder / "security"
    tool.write_text(FAKE)
    tool.chmod(0o755)
    (folder / "identities").write_text(f'  1) {SHA1.upper()} "Apple Distribution: Acme Inc. (ABCDE12345)"')
    (folder / "refuses").write_text("")
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("FAKE_SECURITY", str(folder))
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.chdir(home)
    return folder


@pytest.fixture
def stub(mac: Path, monkeypatch: pytest.MonkeyPatch) -> Stub:
    made = Stub()
    made.install(monkeypatch)
    return made


def lines(mac: Path) -> list[dict[str, list[str]]]:
    return [json.loads(each) for each in (mac / "log").read_text().splitlines()]


def test_an_identity_in_a_keychain_of_its_own(
    stub: Stub, credhub: Run, mac: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDHUB_URL", HUB)
    monkeypatch.setenv("CREDHUB_TOKEN", TOKEN)
    done = credhub("signing", "install", *IOS, "--json")
    assert done.code == 0, done.err
    keychain = home / "Library" / "Keychains" / "credhub.keychain-db"
    assert done.json["keychain"] == str(keychain)
    asked = [each["line"] for each in lines(mac)]
    assert [each[0] for each in asked] == [
        "create-keychain", "set-keychain-settings", "unlock-keychain", "import", "set-key-partition-list",
        "list-keychains", "list-keychains", "find-identity",
    ]  # fmt: skip
    assert asked[3][asked[3].index("-P") + 1] == PASSWORD  # quotes and backslashes came through
    assert ((mac / "p12").read_bytes(), (mac / "mode").read_text()[-3:]) == (P12, "600")
    assert asked[6][4:] == [str(keychain), "/home-of/ada/Library/Keychains/login.keychain-db"]
    chosen = asked[0][2]
    said = json.dumps([each["argv"] for each in lines(mac)])
    assert not any(secret in said for secret in (chosen, PASSWORD, json.dumps(PASSWORD)[1:-1]))
    folders = ("MobileDevice/Provisioning Profiles", "Developer/Xcode/UserData/Provisioning Profiles")
    for folder in folders:
        (profile,) = (home / "Library" / folder).iterdir()
        assert (profile.read_bytes(), profile.suffix) == (b"profile 1", ".mobileprovision")
    assert [path.name for path in (home / "signing").iterdir()] == ["ExportOptions.plist"]
    assert len(credhub("signing", "uninstall", "--json").json["removed"]) == 4
    assert not keychain.exists()


@pytest.mark.parametrize("refuses", ["import", "find-identity"])
def test_what_macos_refuses_leaves_no_keychain(
    stub: Stub, credhub: Run, mac: Path, home: Path, monkeypatch: pytest.MonkeyPatch, refuses: str
) -> None:
    monkeypatch.setenv("CREDHUB_URL", HUB)
    monkeypatch.setenv("CREDHUB_TOKEN", TOKEN)
    (mac / "refuses").write_text(refuses)
    (mac / "identities").write_text("     0 identities found")
    done = credhub("signing", "install", *IOS, "--json")
    assert (done.code, done.error["code"]) == (1, "keychain")
    assert list((home / "Library" / "Keychains").iterdir()) == []


def test_the_token_is_in_the_keychain(
    credhub: Run, mac: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Somebody(Stub):
        def told(self, request: object) -> tuple[int, dict[str, object]]:
            place = {"slug": "acme", "name": "Acme"}
            return 200, {
                "organization": place,
                "scopes": [],
                "expires_at": None,
                "items": [],
                "next_cursor": None,
            }

    stub = Somebody()
    stub.install(monkeypatch)
    done = credhub("login", HUB, stdin=TOKEN)
    assert done.code == 0, done.err
    file = home / ".config" / "credhub" / "config.json"
    assert ((mac / "token").read_text(), TOKEN in file.read_text()) == (TOKEN, False)
    assert credhub("keys").out == "There are no keys.\n"
    assert stub.asked[-1].headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in json.dumps([each["argv"] for each in lines(mac)])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert credhub("logout").code == 0
    assert not (mac / "token").exists()
