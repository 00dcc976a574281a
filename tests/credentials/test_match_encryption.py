"""match's two encryptions, against openssl and against node: what one seals the other opens, both ways."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from credentials.making.match_encryption import encrypt_for_match
from credentials.parsing.errors import ParsingError
from credentials.parsing.match_encryption import match_version, open_match_file
from credentials.parsing.signing_file import is_signing_file
from tests.credentials.signing_material import bare_key, certificate, p12, profile

PASSPHRASE = '2"QAHg@v(Qp{=*n^ schlüssel'
FILES = {
    "certificate": certificate(),
    "bare key": bare_key(),
    "profile": profile(),
    "p12": p12(),
}
NODE = shutil.which("node")
PROGRAM = Path(__file__).with_name("match_in_node.js")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def opened(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return open_match_file(content, passphrase, is_signing_file)


def refused(content: bytes, passphrase: str = PASSPHRASE) -> ParsingError:
    with pytest.raises(ParsingError) as caught:
        opened(content, passphrase)
    return caught.value


def openssl(content: bytes, *arguments: str) -> bytes:
    command = ["openssl", "enc", "-aes-256-cbc", "-a", "-pass", f"pass:{PASSPHRASE}", *arguments]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


def node(action: str, version: int, content: bytes) -> bytes:
    assert NODE
    command = [NODE, str(PROGRAM), action, str(version), PASSPHRASE]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


@pytest.mark.parametrize("digest", ["md5", "sha256"])
@pytest.mark.parametrize("name", FILES)
def test_what_openssl_seals_is_opened(name: str, digest: str) -> None:
    sealed = openssl(FILES[name], "-md", digest)
    assert match_version(sealed) == 1
    assert opened(sealed) == FILES[name]


@pytest.mark.parametrize("name", FILES)
def test_openssl_opens_what_is_sealed_as_v1(name: str) -> None:
    sealed = encrypt_for_match(FILES[name], PASSPHRASE, version=1)
    assert openssl(sealed, "-d", "-md", "md5") == FILES[name]


@needs_node
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", FILES)
def test_what_node_seals_is_opened(name: str, version: int) -> None:
    sealed = node("seal", version, FILES[name])
    assert match_version(sealed) == version
    assert opened(sealed) == FILES[name]


@needs_node
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", FILES)
def test_node_opens_what_is_sealed(name: str, version: int) -> None:
    assert node("open", version, encrypt_for_match(FILES[name], PASSPHRASE, version=version)) == FILES[name]


def test_each_file_is_sealed_anew_in_short_lines() -> None:
    first, second = (encrypt_for_match(certificate(), PASSPHRASE) for _ in range(2))
    assert first != second
    assert {len(line) for line in first.splitlines()[:-1]} == {60}
    assert base64.b64decode(first).startswith(b"match_encrypted_v2__")


@pytest.mark.parametrize("version", [1, 2])
def test_another_passphrase_opens_nothing(version: int) -> None:
    """v1 says nothing of it by itself: one key in 256 gets past the padding, so a thousand are tried."""
    sealed = encrypt_for_match(certificate(), PASSPHRASE, version=version)
    for number in range(1000 if version == 1 else 2):
        error = refused(sealed, f"guess {number}")
        assert error.code == "wrong-passphrase"
        assert "MATCH_PASSWORD" in error.message


def test_a_passphrase_is_needed() -> None:
    assert refused(encrypt_for_match(certificate(), PASSPHRASE), "").code == "passphrase-needed"
    with pytest.raises(ValueError, match="without a passphrase"):
        encrypt_for_match(certificate(), "")


def test_a_changed_v2_file_is_not_opened() -> None:
    sealed = bytearray(base64.b64decode(encrypt_for_match(certificate(), PASSPHRASE)))
    for at in (21, 30, 50, len(sealed) - 1):  # salt, tag, ciphertext
        changed = bytearray(sealed)
        changed[at] ^= 1
        assert refused(base64.encodebytes(changed)).code == "wrong-passphrase"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Salted__",
        base64.b64encode(b"Salted__" + bytes(8)),
        base64.b64encode(b"Salted__" + bytes(8 + 15)),
        base64.b64encode(b"match_encrypted_v2__"),
        base64.b64encode(b"match_encrypted_v2__" + bytes(24)),
        encrypt_for_match(certificate(), PASSPHRASE)[:-3],
        b"\xff\xfe",
    ],
    ids=["empty", "not base64", "v1 head", "v1 half a block", "v2 head", "v2 no text", "cut", "binary"],
)
def test_damaged_files_are_refused_as_such(content: bytes) -> None:
    assert refused(content).code == "damaged-encryption"


@pytest.mark.parametrize("name", FILES)
def test_plain_files_are_not_taken_for_sealed_ones(name: str) -> None:
    assert match_version(FILES[name]) == 0
