"""Certificates, .p12 files and profiles like Apple's, made anew at run time."""

import plistlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

from appstore.sandbox.authority import marker
from appstore.sandbox.certificates import TYPES
from tests.credentials import test_parse_profile

DER, PEM, PLAIN = serialization.Encoding.DER, serialization.Encoding.PEM, serialization.NoEncryption()
PASSWORD = "the p12's own $word#"
TEAM = "ABCDE12345"
DISTRIBUTION = TYPES["DISTRIBUTION"].markers
NOW = datetime.now(UTC).replace(microsecond=0)


@cache
def key(number: int = 0) -> rsa.RSAPrivateKey:
    """One of a few keys; making one takes a while."""
    del number
    return rsa.generate_private_key(65537, 2048)


def key_der(private_key: rsa.RSAPrivateKey | None = None) -> bytes:
    return (private_key or key()).private_bytes(DER, PrivateFormat.PKCS8, PLAIN)


def certificate(
    private_key: rsa.RSAPrivateKey | None = None,
    *markers: str,
    name: str = "Apple Distribution: Acme Inc. (ABCDE12345)",
    ends: datetime = NOW + timedelta(days=300),
) -> x509.Certificate:
    """A leaf with these of Apple's marks; without any: those of a distribution certificate."""
    return issue((private_key or key()).public_key(), *markers, name=name, ends=ends)


def issue(
    public_key: rsa.RSAPublicKey,
    *markers: str,
    name: str = "Apple Distribution: Acme Inc. (ABCDE12345)",
    ends: datetime = NOW + timedelta(days=300),
) -> x509.Certificate:
    """The same for a public key alone, as Apple does it. The serial number is random."""
    words = [
        (NameOID.USER_ID, TEAM),
        (NameOID.COMMON_NAME, name),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, TEAM),
        (NameOID.ORGANIZATION_NAME, "Acme Inc."),
    ]
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in words])
    builder = x509.CertificateBuilder(subject, subject, public_key, x509.random_serial_number())
    builder = builder.not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
    for each in markers or DISTRIBUTION:
        builder = builder.add_extension(marker(each), critical=True)
    return builder.sign(key(8), hashes.SHA256())


def unmarked(private_key: rsa.RSAPrivateKey | None = None) -> x509.Certificate:
    """What anybody may issue."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Apple Distribution: Mallory")])
    public_key = (private_key or key()).public_key()
    builder = x509.CertificateBuilder(subject, subject, public_key, 7)
    builder = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return builder.sign(private_key or key(), hashes.SHA256())


def p12(
    own: x509.Certificate | None = None,
    others: list[x509.Certificate] | None = None,
    *,
    private_key: rsa.RSAPrivateKey | None = None,
    password: str = PASSWORD,
) -> bytes:
    """As Keychain Access exports it; without `own` and `others`, with a distribution certificate."""
    if own is None and others is None:
        own = certificate(private_key)
    encryption: Any = PLAIN
    if password:
        builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(5)
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        encryption = builder.hmac_hash(hashes.SHA1()).build(password.encode())  # noqa: S303 - as macOS does
    return pkcs12.serialize_key_and_certificates(b"Ada", private_key or key(), own, others, encryption)


def cer(own: x509.Certificate) -> bytes:
    return own.public_bytes(DER)


def profile(*certificates: x509.Certificate, **changes: Any) -> bytes:
    """An ad hoc profile that these may sign with; `changes` as test_parse_profile.facts takes them."""
    facts = test_parse_profile.facts(
        **{
            "DeveloperCertificates": [cer(each) for each in certificates],
            "ExpirationDate": (NOW + timedelta(days=200)).replace(tzinfo=None),
            **changes,
        }
    )
    return test_parse_profile.signed(plistlib.dumps(facts))
