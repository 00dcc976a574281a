"""One alias of an Android keystore: a private key, opened, and the certificate that it signs under."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from organizations.words import clean

from .key_size import check_key_size
from .keystore_refusals import refusal

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class LockedKey(Protocol):
    """A private key in a file, before it is opened."""

    @property
    def alias(self) -> str: ...

    def unlock(self, password: str) -> tuple[bytes, tuple[bytes, ...]] | None:
        """The key as PKCS#8 in DER, and its certificates, its own first; None when the password is not its own.

        ParsingError "damaged", "other-algorithm".
        """


@dataclass(frozen=True, slots=True)
class KeystoreEntry:
    """Fingerprints are as keytool prints them; `chain` is in DER, the key's own certificate first."""

    alias: str
    algorithm: str  # "RSA, 2048 bits"
    subject: str
    md5: str
    sha1: str
    sha256: str
    not_before: datetime
    not_after: datetime
    chain: tuple[bytes, ...]
    private_key: bytes = field(repr=False)  # PKCS#8 in DER, without a password
    key_password: str = field(repr=False)


def make_entry(alias: str, private_key: bytes, chain: tuple[bytes, ...], key_password: str) -> KeystoreEntry:
    """ParsingError "no-certificate" unless the first of the chain belongs to the key; "damaged", "other-algorithm"."""
    key = load_key(alias, private_key)
    if not chain or public_key_of(chain[0]) != _public_key(key):
        raise refusal("no-certificate", alias=quoted(alias))
    der = chain[0]
    try:
        certificate = x509.load_der_x509_certificate(der)
        return KeystoreEntry(
            alias=alias,
            algorithm=_algorithm(key),
            subject=clean(certificate.subject.rfc4514_string()),
            md5=_fingerprint(hashlib.md5(der, usedforsecurity=False)),
            sha1=_fingerprint(hashlib.sha1(der, usedforsecurity=False)),
            sha256=_fingerprint(hashlib.sha256(der)),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            chain=chain,
            private_key=private_key,
            key_password=key_password,
        )
    except UNREADABLE:
        raise refusal("damaged") from None


def load_key(alias: str, der: bytes) -> SigningKey:
    """ParsingError "damaged", "other-algorithm".

    The primes of an RSA key are not checked, which takes a quarter of a second each: that the key belongs to its
    certificate is.
    """
    try:
        key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except UNREADABLE:
        raise refusal("damaged") from None
    if not isinstance(key, SigningKey):
        raise refusal("other-algorithm", alias=quoted(alias))
    return key


def public_key_of(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo in a certificate. ParsingError "unreadable-certificate", also for sizes beyond use."""
    try:
        check_key_size(certificate)
        key = x509.load_der_x509_certificate(certificate).public_key()
    except UNREADABLE:  # ParsingError is a ValueError
        raise refusal("unreadable-certificate") from None
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def quoted(alias: str) -> str:
    return f"“{clean(alias, 60)}”"


def _public_key(key: SigningKey) -> bytes:
    try:
        return key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except UNREADABLE:
        raise refusal("damaged") from None


def _algorithm(key: SigningKey) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return f"Elliptic curve, {key.curve.name}"
    return f"{'RSA' if isinstance(key, rsa.RSAPrivateKey) else 'DSA'}, {key.key_size} bits"


def _fingerprint(digest: "hashlib._Hash") -> str:
    return digest.digest().hex(":").upper()
