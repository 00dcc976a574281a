"""The sandbox's own certificate authority, built like Apple's and made anew in every process.

Its private keys live in memory only. The word "Sandbox" stands where Apple's names have "Apple".
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

APPLE = "1.2.840.113635.100"
ASN1_NULL = b"\x05\x00"


@dataclass(frozen=True)
class Issuer:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


@dataclass(frozen=True)
class Authority:
    """Root, the intermediate for developers, the one for Developer ID, and the signer of profiles."""

    root: Issuer
    developer_relations: Issuer
    developer_id: Issuer
    profile_signer: Issuer


def new_keys(count: int) -> list[rsa.RSAPrivateKey]:
    """RSA-2048 keys, made side by side: generation runs outside the interpreter's lock."""
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda _: rsa.generate_private_key(65537, 2048), range(count)))


def marker(suffix: str, value: bytes = ASN1_NULL) -> x509.UnrecognizedExtension:
    """One of Apple's marker extensions, by the end of its OID, e.g. "6.1.4"."""
    return x509.UnrecognizedExtension(ObjectIdentifier(f"{APPLE}.{suffix}"), value)


_LOCK = Lock()


def authority() -> Authority:
    """The authority of this process."""
    with _LOCK:  # two teams made at once must not get two authorities
        return _authority()


@lru_cache(maxsize=1)
def _authority() -> Authority:
    root_key, relations_key, developer_id_key, signer_key = new_keys(4)
    certification = "Sandbox Certification Authority"
    root_name = _name("Sandbox Root CA", certification)
    root = Issuer(_certify(root_name, root_key, root_name, root_key, []), root_key)
    relations_name = _name("Sandbox Worldwide Developer Relations Certification Authority", "G3")
    relations = Issuer(
        _certify(relations_name, relations_key, root_name, root_key, [marker("6.2.1")]), relations_key
    )
    developer_id_name = _name("Sandbox Developer ID Certification Authority", "G2")
    developer_id = Issuer(
        _certify(developer_id_name, developer_id_key, root_name, root_key, [marker("6.2.6")]),
        developer_id_key,
    )
    signer_name = _name("Sandbox iPhone OS Provisioning Profile Signing", certification)
    signer = _certify(
        signer_name, signer_key, relations_name, relations_key, [marker("6.2.2.1")], authority=False
    )
    return Authority(root, relations, developer_id, Issuer(signer, signer_key))


def _name(common_name: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sandbox Inc."),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
        ]
    )


def _certify(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    markers: Sequence[x509.UnrecognizedExtension],
    *,
    authority: bool = True,
) -> x509.Certificate:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=6 * 365)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=15 * 365))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    for each in markers:
        builder = builder.add_extension(each, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
