"""What somebody signs with, as uploaded: a .p12, or the .cer that Apple issued for a request.

A .p12 may hold several certificates (a chain, or an old and a renewed one). Its own is the one whose public key is
that of the private key; of several, the one that ends last.
"""

import hashlib
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from . import limits
from .apple_types import is_apples
from .certificate import CertificateFacts, parse_certificate
from .der import read_element
from .der_kind import binary_kind
from .errors import ParsingError
from .p12 import P12, parse_p12
from .pem_text import as_text, from_base64, labels, only_block

_MESSAGES = {
    "not-an-identity": (
        "This is neither a .p12 file (PKCS#12) nor a certificate (.cer). Export the certificate together with its "
        "private key as .p12, or upload the .cer that Apple made for a request from here."
    ),
    "too-large": "The file is larger than 128 KiB, and a .p12 is a few KiB. Export it again, and upload the new file.",
    "no-certificate": (
        "There is a private key in this file, and no certificate. In Keychain Access select the certificate, not the "
        "key alone, and export it as .p12."
    ),
    "key-does-not-match": (
        "The private key in this file belongs to none of the certificates in it. Export the certificate again from "
        "the Mac on which it was made: there its private key stands under it."
    ),
    "not-apples": (
        "This certificate was not issued by Apple for developers: none of Apple's marks is in it. Choose one from "
        "Certificates, Identifiers & Profiles."
    ),
}


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """`private_key` is PKCS#8 DER without a password, empty where the file holds a certificate alone."""

    private_key: bytes = field(repr=False)
    certificate: bytes  # DER
    facts: CertificateFacts


def parse_identity(data: bytes, password: str = "") -> SigningIdentity:
    """Of a .p12 with its password, or of a certificate in DER or PEM. Neither chain nor dates are checked.

    ParsingError: those of `parse_p12` and `parse_certificate`, and the codes above.
    """
    if len(data) > limits.P12:
        raise _refusal("too-large")
    kind = binary_kind(data)
    if kind == "pkcs12":
        return _checked(_of_p12(parse_p12(data, password)))
    der = data if kind == "certificate" else _pem_certificate(data)
    if der is None:
        raise _refusal("not-an-identity")
    return _checked(_read(der, private_key=b""))


def _of_p12(p12: P12) -> SigningIdentity:
    found = ([p12.certificate] if p12.certificate else []) + list(p12.others)
    if not found:
        raise _refusal("no-certificate")
    public_key = _public_key_sha256(p12.private_key)
    read = [identity for each in found if (identity := _read_or_none(each.der, p12.private_key))]
    own = [identity for identity in read if identity.facts.public_key_sha256 == public_key]
    if not own:
        raise _refusal("key-does-not-match")
    return max(own, key=lambda identity: identity.facts.not_after)


def _read(der: bytes, private_key: bytes) -> SigningIdentity:
    facts = parse_certificate(der)
    return SigningIdentity(private_key, read_element(der).raw, facts)


def _read_or_none(der: bytes, private_key: bytes) -> SigningIdentity | None:
    """None for one that cannot be read: it may be any other of a chain."""
    try:
        return _read(der, private_key)
    except ParsingError:
        return None


def _checked(identity: SigningIdentity) -> SigningIdentity:
    extensions = x509.load_der_x509_certificate(identity.certificate).extensions
    if not is_apples({each.oid.dotted_string for each in extensions}):
        raise _refusal("not-apples")
    return identity


def _public_key_sha256(private_key: bytes) -> str:
    # It was checked when the .p12 was opened; checking a large key once more takes a quarter of a second.
    key = serialization.load_der_private_key(private_key, None, unsafe_skip_rsa_key_validation=True)
    public_key = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(public_key).hexdigest()


def _pem_certificate(data: bytes) -> bytes | None:
    """The certificate of a text with exactly one."""
    text = as_text(data)
    if text is None or labels(text) != ["CERTIFICATE"]:
        return None
    body = only_block(text).body
    return from_base64(body) if body else None


def _refusal(code: str) -> ParsingError:
    return ParsingError(code, _MESSAGES[code])
