"""What devices answer to a profile service, signed with certificates made here."""

import plistlib
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

UDID = "00008030-001A2B3C4D5E6F70"
DER, BINARY = serialization.Encoding.DER, pkcs7.PKCS7Options.Binary
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def device_key(kind: str) -> Key:
    return rsa.generate_private_key(65537, 2048) if kind == "RSA" else ec.generate_private_key(ec.SECP256R1())


@cache
def device_certificate(kind: str) -> x509.Certificate:
    key = device_key(kind)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A device")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    return builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())


def signed(content: bytes, *options: pkcs7.PKCS7Options, kind: str = "EC") -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(device_certificate(kind), device_key(kind), hashes.SHA256())
    return builder.sign(DER, [BINARY, *options])


def told(**changes: str | bytes | None) -> bytes:
    """The property list; a change to None takes a key out."""
    plist = {"UDID": UDID, "PRODUCT": "iPhone15,2", "CHALLENGE": "the challenge", **changes}
    return plistlib.dumps({name: value for name, value in plist.items() if value is not None})


def device_answer(*, challenge: str, udid: str = UDID, product: str = "iPhone15,2") -> bytes:
    return signed(told(CHALLENGE=challenge, UDID=udid, PRODUCT=product))
