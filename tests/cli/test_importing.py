"""import match, import files: against the product's own views, with a worker that works while the CLI waits."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from credhub_cli import archives
from credhub_cli.archives import archive_of

from appstore.models import ImportUpload
from credentials.models import Credential
from organizations.models import ApiToken
from organizations.permissions import Permission
from tests.appstore.importing import match_files, match_zip, work
from tests.cli.conftest import HUB, Hub, Run
from tests.conftest import Cast
from tests.credentials.signing_material import PASSPHRASE, p12


@pytest.fixture
def signed_in(
    home: Path, hub: Hub, cast: Cast, doorbell: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    scopes = [Permission.CREDENTIAL_MANAGE]
    text = ApiToken.issue(cast.actor("root_owner"), cast.root, name="Move", scopes=scopes)[1]
    monkeypatch.setenv("CREDHUB_URL", HUB)
    monkeypatch.setenv("CREDHUB_TOKEN", text)
    monkeypatch.setattr("credhub_cli.waiting.sleep", lambda _seconds: work())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone, with what is no business of ours in it."""
    folder = tmp_path / "clone"
    with zipfile.ZipFile(io.BytesIO(match_zip())) as packed:
        packed.extractall(folder)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("url = https://ada:secret@example.com/certs.git")
    return folder


def kinds() -> list[str]:
    return sorted(Credential.objects.values_list("kind", flat=True))


def test_a_match_repository_is_taken_over(
    signed_in: None, credhub: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert credhub("import", "match", str(repository)).code == 2  # nobody to ask, and nothing said
    assert not ImportUpload.objects.exists()
    monkeypatch.setenv("MATCH_PASSWORD", PASSPHRASE)
    dry = credhub("import", "match", str(repository), "--dry-run", "--json")
    assert (dry.code, dry.json["state"]) == (0, "DISCARDED")
    assert [each["state"] for each in dry.json["items"]] == ["NEW", "NEW"]
    assert kinds() == []
    done = credhub("import", "match", str(repository), "--yes")
    assert done.code == 0, done.err
    assert "Apple Distribution: Ada 0: stored." in done.out
    assert "Reading clone.zip" in done.err
    assert kinds() == ["apple-certificate", "provisioning-profile"]
    assert PASSPHRASE not in done.out + done.err
    again = credhub("import", "match", str(repository), "--yes", "--json")
    assert (again.code, [each["state"] for each in again.json["items"]]) == (0, ["DUPLICATE"] * 2)
    assert set(ImportUpload.objects.values_list("state", flat=True)) == {"DONE", "DISCARDED"}


def test_the_passphrase_is_asked_for_where_there_is_none(
    signed_in: None, credhub: Run, tmp_path: Path
) -> None:
    packed = tmp_path / "match.zip"
    packed.write_bytes(match_zip())
    wrong = credhub("import", "match", str(packed), "--yes", "--json", stdin="no such words\n")
    assert (wrong.code, wrong.error["code"]) == (1, "wrong-passphrase")
    assert credhub("import", "match", str(packed), "--yes").code == 1
    assert set(ImportUpload.objects.values_list("state", flat=True)) == {"DISCARDED"}
    right = credhub("import", "match", str(packed), "--yes", stdin=f"{PASSPHRASE}\n")
    assert (right.code, kinds()) == (0, ["apple-certificate", "provisioning-profile"])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_is_shown_and_asked(
    signed_in: None, credhub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "a.p12").write_bytes(p12(password="of the file"))
    (tmp_path / "keys" / "notes.txt").write_text("hello")
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "of the file")
    monkeypatch.setattr(io, "StringIO", Terminal)  # what the fixture makes standard input of
    words = ("import", "files", str(tmp_path / "keys"), "--ask-password")
    no = credhub(*words, stdin="n\n")
    assert (no.code, no.out, kinds()) == (0, "Nothing is stored.\n", [])
    assert "apple-certificate  Apple Distribution: Ada 0  a.p12" in no.err
    yes = credhub(*words, stdin="y\n")
    assert (yes.code, kinds()) == (0, ["apple-certificate"]), yes.err


def names(path: Path, *only: str) -> tuple[list[str], tuple[str, ...]]:
    made = archive_of(path, only)
    with zipfile.ZipFile(io.BytesIO(made.content)) as packed:
        return packed.namelist(), made.links


def test_nothing_from_outside_the_folder_is_packed(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "id_ed25519").write_text("somebody's")
    (repository / "certs" / "link.p12").symlink_to(tmp_path / "secret" / "id_ed25519")
    (repository / "profiles" / "away").symlink_to(tmp_path / "secret", target_is_directory=True)
    os.mkfifo(repository / "certs" / "pipe.p12")
    links = ("certs/link.p12", "profiles/away")
    of_match = ["match_version.txt", *sorted(match_files())]
    assert names(repository, "certs", "profiles", "match_version.txt") == (of_match, links)
    assert names(repository) == (["README.md", *of_match], links)


def test_what_cannot_be_packed_is_said(
    signed_in: None, credhub: Run, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    for path, code in {"nowhere": 5, "a.txt": 2, "empty": 2}.items():
        assert credhub("import", "match", str(tmp_path / path), "--yes").code == code
    monkeypatch.setattr(archives, "MOST", 1000)
    assert "more than" in credhub("import", "match", str(repository), "--yes").err
    assert not ImportUpload.objects.exists()
