"""The .p12 files that CredHub makes: OpenSSL 3 opens them as it is, and what was put in comes out."""

import subprocess
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from credentials.making.p12 import encode_p12, new_password
from credentials.parsing.p12 import parse_p12

DER, PLAIN = serialization.Encoding.DER, serialization.NoEncryption()
KEYS = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ec": ec.generate_private_key(ec.SECP256R1()),
}
KEY = KEYS["rsa"].private_bytes(DER, serialization.PrivateFormat.PKCS8, PLAIN)
PASSWORD = "pass $word# with ä"


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEYS["rsa"]) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Apple Distribution: Acme (ABCDE12345)")])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 5)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    return (
        builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256()).public_bytes(DER)
    )


def openssl(p12: bytes, password: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["openssl", "pkcs12", "-passin", f"pass:{password}", *arguments]
    return subprocess.run(command, input=p12, capture_output=True, check=False)


@pytest.mark.parametrize("modern", [False, True], ids=["for macOS", "modern"])
@pytest.mark.parametrize("kind", list(KEYS))
def test_openssl_opens_it_and_finds_what_was_put_in(kind: str, modern: bool) -> None:
    key = KEYS[kind].private_bytes(DER, serialization.PrivateFormat.PKCS8, PLAIN)
    own = certificate(KEYS[kind])
    made = encode_p12(key, own, PASSWORD, name="Acme", modern=modern)
    opened = openssl(made, PASSWORD, "-nodes")
    assert opened.returncode == 0, opened.stderr
    assert b"friendlyName: Acme" in opened.stdout
    found_key = serialization.load_pem_private_key(opened.stdout, None)
    assert found_key.private_bytes(DER, serialization.PrivateFormat.PKCS8, PLAIN) == key
    assert x509.load_pem_x509_certificate(opened.stdout).public_bytes(DER) == own


@pytest.mark.parametrize(
    ("modern", "mac", "encryption"),
    [(False, "MAC: sha1", "pbeWithSHA1And3-KeyTripleDES-CBC"), (True, "MAC: sha256", "PBES2, PBKDF2, AES-256-CBC")],
    ids=["for macOS", "modern"],
)  # fmt: skip
def test_how_it_is_encrypted(modern: bool, mac: str, encryption: str) -> None:
    made = encode_p12(KEY, certificate(), PASSWORD, modern=modern)
    told = openssl(made, PASSWORD, "-info", "-noout").stderr.decode()
    assert mac in told
    assert told.count(encryption) == 2  # the key and the certificate
    assert "RC2" not in told
    assert "Iteration 50000" in told


@pytest.mark.parametrize("modern", [False, True], ids=["for macOS", "modern"])
def test_our_own_reader_takes_it_back(modern: bool) -> None:
    own = certificate()
    found = parse_p12(encode_p12(KEY, own, PASSWORD, name="Ada’s key", modern=modern), PASSWORD)
    assert found.private_key == KEY
    assert found.certificate is not None
    assert (found.certificate.der, found.certificate.friendly_name) == (own, "Ada’s key")
    assert found.others == ()


def test_another_password_does_not_open_it() -> None:
    made = encode_p12(KEY, certificate(), PASSWORD)
    assert openssl(made, PASSWORD + "x", "-nodes").returncode != 0
    assert KEY[100:140] not in made


@pytest.mark.parametrize("modern", [False, True], ids=["for macOS", "modern"])
def test_an_empty_password_is_never_used(modern: bool) -> None:
    with pytest.raises(ValueError, match="needs a password"):
        encode_p12(KEY, certificate(), "", modern=modern)


def test_a_key_that_is_not_the_certificates_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        encode_p12(KEY, certificate(KEYS["ec"]), PASSWORD)


def test_new_passwords_are_long_random_and_plain() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(each) == 24 and each.isascii() and each.isalnum() for each in made)
