"""A whole repository through other programs: node decrypts and encrypts it, openssl reads what was in it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from credentials.making.match_repository import write_match
from credentials.parsing.match_repository import read_match
from credentials.parsing.signing_files import SigningFiles
from tests.credentials.signing_material import PASSPHRASE, bare_key, certificate, pkcs8, profile, sha256

NODE = shutil.which("node")
PROGRAM = Path(__file__).with_name("match_in_node.js")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")
VERSIONS = [1, 2]


def node(action: str, version: int, content: bytes) -> bytes:
    command = [NODE or "", str(PROGRAM), action, str(version), PASSPHRASE]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


def openssl(*arguments: str, content: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=content, capture_output=True, check=True).stdout


def found() -> SigningFiles:
    plain = {"a.cer": certificate(), "a.p12": bare_key(), "a.mobileprovision": profile()}
    return read_match(plain, "")


@pytest.mark.parametrize("version", VERSIONS)
def test_other_tools_read_what_is_exported(version: int) -> None:
    ids = {sha256(certificate()): "ABCDE12345"}
    made = write_match(found(), PASSPHRASE, certificate_ids=ids, version=version)
    opened = {
        path: node("open", version, content)
        for path, content in made.files.items()
        if path.startswith(("certs/", "profiles/"))
    }
    key = opened["certs/distribution/ABCDE12345.p12"]
    own = opened["certs/distribution/ABCDE12345.cer"]
    of_the_key = openssl("rsa", "-pubout", content=key)
    assert openssl("x509", "-inform", "DER", "-noout", "-pubkey", content=own) == of_the_key
    path = "profiles/appstore/AppStore_com.example.app.mobileprovision"
    plist = openssl("cms", "-verify", "-noverify", "-inform", "DER", content=opened[path])
    assert b"<string>TEAM567890.com.example.app</string>" in plist


@pytest.mark.parametrize("version", VERSIONS)
def test_what_another_tool_made_is_imported(version: int) -> None:
    key = subprocess.run(
        ["openssl", "genrsa", "-traditional", "2048"], capture_output=True, check=True
    ).stdout
    plain = {
        "certs/distribution/ABCDE12345.cer": certificate(),
        "certs/distribution/ABCDE12345.p12": bare_key(),
        "certs/development/FGHIJ67890.p12": key,
        "profiles/appstore/AppStore_com.example.app.mobileprovision": profile(),
    }
    files = {path: node("seal", version, content) for path, content in plain.items()}
    read = read_match({**files, "match_version.txt": b"2.228.0", ".git/index": b"DIRC"}, PASSPHRASE)
    assert [each.key.pkcs8 for each in read.identities] == [pkcs8()]
    assert [each.path for each in read.keys] == ["certs/development/FGHIJ67890.p12"]
    assert [each.facts.application_identifier for each in read.profiles] == ["com.example.app"]
    assert read.problems == ()
