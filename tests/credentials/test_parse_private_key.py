"""A bare private key is read in the forms that tools leave it in, and nothing costly is loaded."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

from credentials.parsing.certificate import parse_certificate
from credentials.parsing.errors import ParsingError
from credentials.parsing.private_key import parse_private_key
from tests.credentials.signing_material import DER, PEM, PLAIN, bare_key, certificate, key, pkcs8
from tests.fuzz.trees import number, sequence
from tests.security import bombs

P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
LOCK = serialization.BestAvailableEncryption(b"x")


@pytest.mark.parametrize("encoding", [PEM, DER], ids=["pem", "der"])
@pytest.mark.parametrize(
    "written", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL], ids=["pkcs8", "pkcs1"]
)
def test_forms_of_one_key(encoding: Encoding, written: PrivateFormat) -> None:
    found = parse_private_key(key().private_bytes(encoding, written, PLAIN))
    assert found.pkcs8 == pkcs8()
    assert found.public_key_sha256 == parse_certificate(certificate()).public_key_sha256


def test_words_around_it_and_line_ends_of_windows() -> None:
    text = b"Bag Attributes\r\n  friendlyName: Ada\r\n" + bare_key().replace(b"\n", b"\r\n")
    assert parse_private_key(text).pkcs8 == pkcs8()


def test_elliptic_curves() -> None:
    made = P256.private_bytes(PEM, PrivateFormat.PKCS8, PLAIN)
    assert parse_private_key(made).pkcs8 == P256.private_bytes(DER, PrivateFormat.PKCS8, PLAIN)


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("not-a-key", b""),
        ("not-a-key", b"notes"),
        ("not-a-key", certificate()),
        ("not-a-key", bombs.pem(certificate(), "CERTIFICATE")),
        ("not-a-key", bare_key() + bare_key()),
        ("not-a-key", bare_key()[:-40]),
        ("not-a-key", bytes(20_000)),
        ("key-has-password", key().private_bytes(PEM, PrivateFormat.PKCS8, LOCK)),
        ("key-has-password", key().private_bytes(DER, PrivateFormat.PKCS8, LOCK)),
        ("key-has-password", key().private_bytes(PEM, PrivateFormat.TraditionalOpenSSL, LOCK)),
        ("key-has-password", bombs.encrypted_key(bombs.pbkdf2(bombs.MOST, bytes(16)))),
        ("other-algorithm", P384.private_bytes(PEM, PrivateFormat.PKCS8, PLAIN)),
        (
            "other-algorithm",
            ed25519.Ed25519PrivateKey.generate().private_bytes(PEM, PrivateFormat.PKCS8, PLAIN),
        ),
        ("key-too-large", sequence(*[number(2**2_500)] * 9)),
        ("damaged-key", pkcs8() + b"\0"),
        ("damaged-key", sequence(*[number(15)] * 9)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # lengths of keys vary
)
def test_what_is_refused(code: str, data: bytes) -> None:
    with pytest.raises(ParsingError) as caught:
        parse_private_key(data)
    assert caught.value.code == code
