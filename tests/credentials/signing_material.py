"""What a folder of signing files is made of, for the tests that read and write them. Made at run time."""

import hashlib
import plistlib
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs7, pkcs12
from cryptography.x509.oid import NameOID

PEM, DER, PLAIN = serialization.Encoding.PEM, serialization.Encoding.DER, serialization.NoEncryption()
DISTRIBUTION, DEVELOPMENT, INSTALLER, PUSH = ("6.1.4", "6.1.7"), ("6.1.2", "6.1.12"), ("6.1.8",), ("6.3.1",)
PASSPHRASE = "open sesame"
_APPLE = "1.2.840.113635.100."


@cache
def _key(_number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def key(number: int = 0) -> rsa.RSAPrivateKey:
    """The same for the same number."""
    return _key(number)


def bare_key(number: int = 0) -> bytes:
    """As match keeps it, under the name of .p12."""
    return key(number).private_bytes(PEM, PrivateFormat.TraditionalOpenSSL, PLAIN)


def pkcs8(number: int = 0) -> bytes:
    return key(number).private_bytes(DER, PrivateFormat.PKCS8, PLAIN)


@cache
def certificate(number: int = 0, markers: tuple[str, ...] = DISTRIBUTION, serial: int = 0) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Apple Distribution: Ada {number}")])
    builder = x509.CertificateBuilder(name, name, key(number).public_key(), serial or 1000 + number)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    for marker in markers:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(_APPLE + marker), b"\x05\x00")
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key(number), hashes.SHA256()).public_bytes(DER)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def p12(number: int = 0, password: str = "") -> bytes:
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2000)
    builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
    encryption = builder.hmac_hash(hashes.SHA256()).build(password.encode()) if password else PLAIN
    own = x509.load_der_x509_certificate(certificate(number))
    return pkcs12.serialize_key_and_certificates(b"Ada", key(number), own, None, encryption)


def profile(identifier: str = "com.example.app", *, number: int = 0, **changes: Any) -> bytes:
    """For the App Store, unless `changes` say otherwise."""
    document = (
        {
            "ApplicationIdentifierPrefix": ["TEAM567890"],
            "CreationDate": datetime(2026, 3, 1),  # noqa: DTZ001 - property lists write no zone
            "ExpirationDate": datetime(2027, 3, 1),  # noqa: DTZ001
            "Platform": ["iOS"],
            "DeveloperCertificates": [certificate(number)],
            "Entitlements": {"application-identifier": f"TEAM567890.{identifier}", "get-task-allow": False},
            "Name": f"match AppStore {identifier}",
            "TeamIdentifier": ["TEAM567890"],
            "UUID": f"{sha256(identifier.encode())[:8]}-0000-4000-8000-000000000000",
        }
        | changes
    )
    signer = x509.load_der_x509_certificate(certificate(99))
    builder = pkcs7.PKCS7SignatureBuilder().set_data(plistlib.dumps(document))
    return builder.add_signer(signer, key(99), hashes.SHA256()).sign(DER, [pkcs7.PKCS7Options.Binary])
