"""The .p8 reader names and refuses everything that is not one P-256 key."""

import base64
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from credentials.parsing.errors import ParsingError
from credentials.parsing.limits import P8 as MAX_BYTES
from credentials.parsing.p8 import parse_p8

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8, SEC1 = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
PLAIN = serialization.NoEncryption()
LOCKED = serialization.BestAvailableEncryption(b"password")
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo

KEY = ec.generate_private_key(ec.SECP256R1())
KEY_PEM = KEY.private_bytes(PEM, PKCS8, PLAIN)
KEY_DER = KEY.private_bytes(DER, PKCS8, PLAIN)
RSA_KEY = rsa.generate_private_key(65537, 2048)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def as_pem(der: bytes, label: str = "PRIVATE KEY") -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    builder = x509.CertificateBuilder(name, name, RSA_KEY.public_key(), 5)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    return builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).sign(RSA_KEY, hashes.SHA256())


CERTIFICATE = certificate()
REQUEST = x509.CertificateSigningRequestBuilder(CERTIFICATE.subject).sign(RSA_KEY, hashes.SHA256())
SIGNED_DATA = (
    pkcs7.PKCS7SignatureBuilder()
    .set_data(b"<?xml?>")
    .add_signer(CERTIFICATE, RSA_KEY, hashes.SHA256())
    .sign(DER, [pkcs7.PKCS7Options.Binary])
)
P12 = pkcs12.serialize_key_and_certificates(b"x", RSA_KEY, CERTIFICATE, None, LOCKED)


def tlv(tag: int, value: bytes) -> bytes:
    length = [len(value)] if len(value) < 0x80 else [0x81, len(value)]
    return bytes([tag, *length]) + value


def with_scalar(scalar: int, *, public: bool = False) -> bytes:
    """The PKCS#8 of any scalar, valid or not, with or without the public key of `KEY`."""
    algorithm = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
    point = KEY.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    tail = tlv(0xA1, tlv(0x03, b"\0" + point)) if public else b""
    ec_key = tlv(0x30, b"\x02\x01\x01" + tlv(0x04, scalar.to_bytes(32, "big")) + tail)
    return tlv(0x30, b"\x02\x01\x00" + algorithm + tlv(0x04, ec_key))


def refused(data: bytes) -> ParsingError:
    with pytest.raises(ParsingError) as caught:
        parse_p8(data)
    return caught.value


def private(key: object, encoding: serialization.Encoding = PEM, kind: object = PKCS8) -> bytes:
    return key.private_bytes(encoding, kind, PLAIN)


REFUSED: list[tuple[str, bytes, str]] = [
    ("empty", b"", "empty"),
    ("empty", b" \r\n\t\n", "empty"),
    ("empty", b"\xef\xbb\xbf", "empty"),
    ("empty", b'""', "empty"),
    ("too-large", b"a" * (MAX_BYTES + 1), "8 KiB"),
    ("rsa-key", private(RSA_KEY), "RSA"),
    ("rsa-key", private(RSA_KEY, kind=SEC1), "RSA"),
    ("rsa-key", private(RSA_KEY, DER, SEC1), "RSA"),
    ("wrong-curve", private(ec.generate_private_key(ec.SECP384R1())), "P-384"),
    ("wrong-curve", private(ec.generate_private_key(ec.SECP521R1())), "P-521"),
    ("wrong-curve", private(ec.generate_private_key(ec.SECP256K1())), "secp256k1"),
    ("wrong-curve", private(ec.generate_private_key(ec.BrainpoolP256R1())), "another curve"),
    ("other-algorithm", private(ed25519.Ed25519PrivateKey.generate()), "Ed25519"),
    ("other-algorithm", private(x25519.X25519PrivateKey.generate()), "P-256"),
    ("other-algorithm", as_pem(bytes.fromhex("3010020100300906072a8648ce3804010400")), "DSA"),
    ("other-algorithm", as_pem(b"x", "DSA PRIVATE KEY"), "DSA"),
    ("sec1-key", private(KEY, kind=SEC1), "openssl pkcs8 -topk8 -nocrypt"),
    ("sec1-key", private(KEY, DER, SEC1), "SEC1"),
    ("sec1-key", as_pem(bytes(8), "EC PARAMETERS") + private(KEY, kind=SEC1), "SEC1"),
    ("sec1-key", as_pem(private(KEY, DER, SEC1)), "SEC1"),
    ("openssh-key", private(KEY, kind=serialization.PrivateFormat.OpenSSH), "OpenSSH"),
    ("encrypted-key", KEY.private_bytes(PEM, PKCS8, LOCKED), "password"),
    ("encrypted-key", KEY.private_bytes(DER, PKCS8, LOCKED), "password"),
    ("encrypted-key", as_pem(KEY.private_bytes(DER, PKCS8, LOCKED)), "password"),
    ("public-key", KEY.public_key().public_bytes(PEM, SPKI), "public key"),
    ("public-key", KEY.public_key().public_bytes(DER, SPKI), "public key"),
    ("public-key", RSA_KEY.public_key().public_bytes(PEM, serialization.PublicFormat.PKCS1), "public key"),
    ("certificate", CERTIFICATE.public_bytes(PEM), "certificate"),
    ("certificate", CERTIFICATE.public_bytes(DER), "certificate"),
    ("certificate", base64.b64encode(CERTIFICATE.public_bytes(DER)), "certificate"),
    ("certificate-request", REQUEST.public_bytes(PEM), "signing request"),
    ("certificate-request", REQUEST.public_bytes(DER), "signing request"),
    ("several-blocks", KEY_PEM + KEY_PEM, "2 PEM blocks"),
    ("several-blocks", KEY_PEM + CERTIFICATE.public_bytes(PEM), "“PRIVATE KEY” and “CERTIFICATE”"),
    ("unknown-block", as_pem(b"x", "DH PARAMETERS"), "DH PARAMETERS"),
    ("pkcs12", P12, ".p12"),
    ("pkcs12", base64.b64encode(P12), ".p12"),
    ("pkcs12", P12 + bytes(MAX_BYTES), ".p12"),
    ("pkcs12", b"\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\xff\x00\x00", ".p12"),
    ("provisioning-profile", SIGNED_DATA, ".mobileprovision"),
    ("provisioning-profile", SIGNED_DATA + bytes(MAX_BYTES), ".mobileprovision"),
    ("provisioning-profile", base64.encodebytes(SIGNED_DATA), ".mobileprovision"),
    ("keystore", b"\xfe\xed\xfe\xed\x00\x00\x00\x02", "Java keystore"),
    ("archive", b"PK\x03\x04\x14\x00\x00\x00\xff", "archive"),
    ("json", b'{"hello": 1}', "JSON"),
    ("json", b'[{"kty": "EC"}]', "JSON"),
    ("json", b'{"a":' * 1500, "JSON"),
    ("json-with-key", json.dumps({"key_id": "A", "key": KEY_PEM.decode()}).encode(), "“key” field"),
    (
        "google-service-account",
        json.dumps({"type": "service_account", "private_key": private(RSA_KEY).decode()}).encode(),
        "Google service account",
    ),
    ("google-services", b'{"project_info": {}, "client": []}', "google-services.json"),
    ("html", b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    ("html", b"<html>" + b"x" * MAX_BYTES, "web page"),
    ("xml", b'<?xml version="1.0"?><plist/>', "XML"),
    ("der-key", KEY_DER, "binary form"),
    ("markers-missing", base64.b64encode(KEY_DER), "BEGIN PRIVATE KEY"),
    ("damaged-markers", KEY_PEM.replace(b"-----BEGIN", b"----BEGIN"), "five hyphens"),
    ("damaged-markers", KEY_PEM.replace(b"--", "—".encode()), "five hyphens"),
    ("incomplete", KEY_PEM[:-10], "END"),
    ("incomplete", KEY_PEM[:100], "END"),
    ("incomplete", KEY_PEM.replace(b"END PRIVATE", b"END EC PRIVATE"), "END"),
    ("surrounding-text", b"Key ID: ABC\n" + KEY_PEM, "before or after"),
    ("surrounding-text", KEY_PEM + b"-- \nSent from my phone", "before or after"),
    ("damaged-base64", KEY_PEM.replace(b"MI", b"M", 1), "damaged"),
    ("damaged-base64", KEY_PEM.replace(b"MI", b"M*", 1), "damaged"),
    ("damaged-base64", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "damaged"),
    ("damaged-base64", base64.b64encode(KEY_PEM)[:-3], "damaged"),
    ("trailing-data", as_pem(KEY_DER + b"\0"), "extra bytes"),
    ("trailing-data", as_pem(KEY_DER + KEY_DER), "extra bytes"),
    ("damaged-key", as_pem(KEY_DER[:-1]), "damaged"),
    ("damaged-key", as_pem(KEY_DER[:-1] + bytes([KEY_DER[-1] ^ 1])), "damaged"),
    ("damaged-key", as_pem(b"hello"), "damaged"),
    ("damaged-key", as_pem(with_scalar(0)), "damaged"),
    ("damaged-key", as_pem(with_scalar(ORDER)), "damaged"),
    ("damaged-key", as_pem(with_scalar(ORDER + 1)), "damaged"),
    ("damaged-key", as_pem(with_scalar(2**256 - 1)), "damaged"),
    ("damaged-key", as_pem(with_scalar(1, public=True)), "damaged"),
    ("other-algorithm", as_pem(bytes.fromhex("300702010030000400")), "Ed25519"),
    ("damaged-key", as_pem(bytes.fromhex("3009020100300205ff0400")), "damaged"),
    ("not-text", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
    ("not-text", b"\xff\xfe\x00\xd8", "binary"),
    ("not-text", bytes(20), "binary"),
    ("not-a-key", b"hello world", "no private key"),
    ("not-a-key", b"abcdefgh", "no private key"),
    ("not-a-key", base64.b64encode(b"\xff" * 30), "no private key"),
    ("not-a-key", base64.b64encode(base64.b64encode(KEY_PEM)), "no private key"),
    ("json", base64.b64encode(b'{"hello": 1}'), "JSON"),
]


@pytest.mark.parametrize(
    ("code", "data", "says"), REFUSED, ids=[f"{n}-{row[0]}" for n, row in enumerate(REFUSED)]
)
def test_everything_else_is_named_and_refused(code: str, data: bytes, says: str) -> None:
    error = refused(data)

    assert error.code == code
    assert says in error.message
    assert error.message.endswith((".", "key.p8"))
    assert str(error) == error.message


def test_a_keystore_that_keytool_makes_is_named(tmp_path: Path) -> None:
    command = ["keytool", "-genkeypair", "-keyalg", "RSA", "-alias", "a", "-dname", "CN=a", "-keystore"]
    for store_type, code in [("JKS", "keystore"), ("PKCS12", "pkcs12")]:
        path = tmp_path / store_type
        options = ["-storetype", store_type, "-storepass", "password", "-keypass", "password"]
        subprocess.run([*command, str(path), *options], capture_output=True, check=True)

        assert refused(path.read_bytes()).code == code


def test_an_encrypted_key_never_reaches_a_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    def loader(*args: object, **kwargs: object) -> None:
        pytest.fail("a key derivation could have run")

    monkeypatch.setattr(serialization, "load_der_private_key", loader)
    # PBES2 with scrypt at N = 2^40: a petabyte of memory, if anything tried
    cost = (
        tlv(0x04, bytes(8))
        + tlv(0x02, bytes.fromhex("010000000000"))
        + tlv(0x02, b"\x08")
        + tlv(0x02, b"\x01")
    )
    scrypt = tlv(0x30, bytes.fromhex("06092b06010401da47040b") + tlv(0x30, cost))
    pbes2 = tlv(0x30, bytes.fromhex("06092a864886f70d01050d") + tlv(0x30, scrypt))
    bomb = tlv(0x30, pbes2 + tlv(0x04, bytes(32)))

    for der in (KEY.private_bytes(DER, PKCS8, LOCKED), bomb):
        assert refused(as_pem(der)).code == "encrypted-key"
        assert refused(as_pem(der, "ENCRYPTED PRIVATE KEY")).code == "encrypted-key"
        assert refused(der).code == "encrypted-key"


@given(st.binary(max_size=600))
def test_arbitrary_bytes_never_raise_anything_else(data: bytes) -> None:
    for disguise in (data, as_pem(data), as_pem(data, "CERTIFICATE"), base64.b64encode(data)):
        assert refused(disguise).message


@given(st.text(max_size=600))
def test_arbitrary_text_never_raises_anything_else(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for disguise in (data, KEY_PEM[:28] + data + KEY_PEM[-26:], b'"' + data + b'"'):
        assert refused(disguise).message


def test_an_error_keeps_nothing_of_the_file() -> None:
    error = refused(KEY_PEM.replace(b"MI", b"M*", 1))

    assert KEY_PEM.split(b"\n")[1].decode()[5:] not in repr(error.__dict__) + repr(error.__context__)
