"""Keystores made at run time: keys with their certificates, and Java's old format, which nothing in CredHub writes."""

import hashlib
import os
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from credentials.making.pkcs12 import Entry
from tests.fuzz.trees import oid, sequence, tlv

DER, PLAIN = serialization.Encoding.DER, serialization.NoEncryption()
PROTECTION = "1.3.6.1.4.1.42.2.17.1.1"


def self_signed(alias: str, key: Any = None, *, until: int = 2050) -> Entry:
    key = key or rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, alias)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5)
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    certificate = builder.not_valid_after(datetime(until, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    private_key = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, PLAIN)
    return Entry(alias, private_key, (certificate.public_bytes(DER),))


def jks(
    password: str, *entries: tuple[Entry, str], trusted: tuple[bytes, ...] = (), version: int = 2
) -> bytes:
    """A keystore of (key, its password), and of certificates without keys."""
    body = b"\xfe\xed\xfe\xed" + _number(version) + _number(len(entries) + len(trusted))
    for entry, key_password in entries:
        protected = protect(entry.private_key, key_password)
        body += _number(1) + _text(entry.alias) + bytes(8) + _number(len(protected)) + protected
        body += _number(len(entry.chain)) + b"".join(_certificate(each, version) for each in entry.chain)
    for number, certificate in enumerate(trusted):
        body += _number(2) + _text(f"ca{number}") + bytes(8) + _certificate(certificate, version)
    return body + _sha1(password.encode("utf-16-be") + b"Mighty Aphrodite" + body)


def protect(private_key: bytes, password: str) -> bytes:
    chars, block = password.encode("utf-16-be"), os.urandom(20)
    stored = block
    for at in range(0, len(private_key), 20):
        block = _sha1(chars + block)
        stored += bytes(a ^ b for a, b in zip(private_key[at : at + 20], block, strict=False))
    stored += _sha1(chars + private_key)
    return sequence(sequence(oid(PROTECTION), b"\x05\x00"), tlv(4, stored))


def _certificate(der: bytes, version: int) -> bytes:
    return (_text("X.509") if version == 2 else b"") + _number(len(der)) + der


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _text(text: str) -> bytes:
    units = text.encode("utf-16-be")
    chars = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    written = b"".join(chr(each).encode("utf-8", "surrogatepass") for each in chars).replace(
        b"\0", b"\xc0\x80"
    )
    return len(written).to_bytes(2, "big") + written


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()
