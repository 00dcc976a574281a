"""A bare private key without a password, as fastlane and openssl leave them beside a certificate."""

import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from .der import read_element
from .der_kind import der_kind, pkcs8_algorithm
from .errors import ParsingError
from .p12_outline import MAX_KEY_BYTES
from .pem_text import as_text, from_base64, labels, only_block

_LARGEST = 3 * MAX_KEY_BYTES  # in PEM, with words around it


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """`pkcs8` is DER; the digest (hex) is of its SubjectPublicKeyInfo, as `CertificateFacts` has it."""

    pkcs8: bytes = field(repr=False)
    public_key_sha256: str


def parse_private_key(data: bytes) -> PrivateKey:
    """RSA up to 4096 bits or P-256, in PEM or DER, PKCS#8 or PKCS#1.

    ParsingError "not-a-key", "key-has-password", "other-algorithm", "key-too-large", "damaged-key".
    """
    der = key_der(data)
    kind = der_kind(der)
    if kind == "encrypted-key":
        raise _has_password()
    if kind not in {"pkcs8", "rsa-key"}:
        raise _not_a_key()
    if len(der) > MAX_KEY_BYTES:  # loading checks the primes: 8192 bits take seconds
        raise ParsingError("key-too-large", "This private key is larger than RSA with 4096 bits.")
    if len(read_element(der).raw) != len(der):
        raise _damaged()
    if kind == "pkcs8" and pkcs8_algorithm(der)[0] not in {"rsa-key", "p256"}:
        raise _other_algorithm()
    return _load(der)


def key_der(data: bytes) -> bytes:
    """The key's DER as it stands in the file; nothing is loaded. ParsingError "not-a-key", "key-has-password"."""
    if len(data) > _LARGEST:
        raise _not_a_key()
    text = as_text(data)
    if text is None or "-----BEGIN " not in text:
        return data
    found = labels(text)
    if len(found) != 1 or not found[0].endswith("PRIVATE KEY"):
        raise _not_a_key()
    block = only_block(text)
    if found[0] == "ENCRYPTED PRIVATE KEY" or "ENCRYPTED" in (block.body or ""):
        raise _has_password()
    der = from_base64(block.body or "")
    if not der:
        raise _not_a_key()
    return der


def _load(der: bytes) -> PrivateKey:
    try:
        key = serialization.load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _damaged() from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise _other_algorithm()
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pkcs8 = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return PrivateKey(pkcs8, hashlib.sha256(public).hexdigest())


def _not_a_key() -> ParsingError:
    return ParsingError(
        "not-a-key", "This is not a private key that can be read (PEM or DER, PKCS#8 or PKCS#1)."
    )


def _has_password() -> ParsingError:
    return ParsingError(
        "key-has-password",
        "This private key has a password of its own. Export it again without one, or as .p12 with its certificate.",
    )


def _other_algorithm() -> ParsingError:
    return ParsingError("other-algorithm", "This private key is neither RSA nor elliptic-curve (P-256).")


def _damaged() -> ParsingError:
    return ParsingError("damaged-key", "This private key is damaged or was cut short.")
