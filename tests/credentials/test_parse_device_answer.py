"""The reader of what devices answer, on answers signed here and by openssl."""

import subprocess
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from credentials.parsing import limits
from credentials.parsing.device_answer import DeviceAnswer, parse_device_answer
from credentials.parsing.errors import ParsingError
from credentials.reading import read_upload
from tests.credentials.device_answers import DER, UDID, device_certificate, device_key, signed, told

FACTS = DeviceAnswer(UDID, "iPhone15,2", "the challenge")
NO_ATTRIBUTES, NO_CERTS = pkcs7.PKCS7Options.NoAttributes, pkcs7.PKCS7Options.NoCerts
ANSWER = signed(told())


def refusal(content: bytes) -> str:
    with pytest.raises(ParsingError) as caught:
        parse_device_answer(content)
    return caught.value.code


@pytest.mark.parametrize("kind", ["EC", "RSA"])
@pytest.mark.parametrize("options", [(), (NO_ATTRIBUTES,)], ids=["signed attributes", "none"])
def test_an_answer_is_read(kind: str, options: tuple[pkcs7.PKCS7Options, ...]) -> None:
    assert parse_device_answer(signed(told(), *options, kind=kind)) == FACTS


def test_the_challenge_is_read_in_either_spelling() -> None:
    assert parse_device_answer(signed(told(CHALLENGE=None, Challenge="spelled so"))).challenge == "spelled so"
    assert parse_device_answer(signed(told(CHALLENGE=b"data"))).challenge == ""


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_what_openssl_streams_is_read(tmp_path: Path, digest: str) -> None:
    """With lengths left open, as streaming encoders write them; older devices sign with SHA-1."""
    key, certificate, content = (tmp_path / name for name in ("key", "certificate", "content"))
    pem, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key.write_bytes(device_key("RSA").private_bytes(serialization.Encoding.PEM, pem, plain))
    certificate.write_bytes(device_certificate("RSA").public_bytes(serialization.Encoding.PEM))
    content.write_bytes(told())
    command = f"openssl cms -sign -stream -nodetach -binary -outform DER -md {digest}"
    files = ["-inkey", str(key), "-signer", str(certificate), "-in", str(content)]
    answer = subprocess.run([*command.split(), *files], check=True, capture_output=True).stdout
    assert answer[1] == 0x80
    assert parse_device_answer(answer) == FACTS


def test_a_content_that_was_changed_is_refused() -> None:
    other = UDID[:-1] + "1"
    assert refusal(ANSWER.replace(UDID.encode(), other.encode())) == "bad-signature"
    bare = signed(told(), NO_ATTRIBUTES)
    assert refusal(bare.replace(UDID.encode(), other.encode())) == "bad-signature"


def test_a_signature_that_was_changed_is_refused() -> None:
    bare = signed(told(), NO_ATTRIBUTES)
    assert refusal(bare[:-1] + bytes([bare[-1] ^ 1])) == "bad-signature"


def test_nobody_asks_who_issued_the_certificate() -> None:
    """What comes in is a claim: its own signature has to fit, and that of its certificate is nobody's business."""
    certificate = device_certificate("EC").public_bytes(DER)
    end = ANSWER.index(certificate) + len(certificate)
    assert parse_device_answer(ANSWER[: end - 1] + b"\x00" + ANSWER[end:]) == FACTS


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "damaged-der"),
        (told(), "not-cms"),
        (b"\x30\x80" * 40, "damaged-der"),
        (b"\x04\x80\x00\x00", "damaged-der"),
        (ANSWER[:-20], "damaged-der"),
        (device_certificate("EC").public_bytes(DER), "not-cms"),
        (signed(told(), NO_CERTS), "bad-signature"),
        (signed(b"no property list"), "not-a-profile"),
        (signed(told(UDID=None)), "no-udid"),
        (signed(told(UDID="' OR 1=1 --")), "no-udid"),
        (signed(told(UDID=b"data")), "no-udid"),
        (b"\x30" * (limits.DEVICE_ANSWER + 1), "too-large"),
    ],
    ids=["nothing", "unsigned", "open for ever", "open and plain", "cut short", "a certificate", "no certificate",
         "other content", "no UDID", "words for a UDID", "data for a UDID", "too large"],
)  # fmt: skip
def test_everything_else_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_the_child_reads_it_too() -> None:
    assert read_upload(DeviceAnswer, ANSWER, organization_id=uuid.uuid4()) == FACTS
    assert read_upload(DeviceAnswer, signed(told(), kind="RSA"), organization_id=uuid.uuid4()) == FACTS
