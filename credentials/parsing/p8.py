"""Apple's .p8 file: one P-256 private key in PKCS#8 PEM, and what its file name tells.

The content cannot tell App Store Connect keys from APNs or Sign in with Apple keys; only using the key can.
https://developer.apple.com/documentation/appstoreconnectapi/creating-api-keys-for-app-store-connect-api
"""

import hashlib
import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import limits
from .der import read_element
from .der_kind import binary_kind, der_kind, pkcs8_algorithm
from .errors import ParsingError
from .p8_disguises import key_body
from .p8_refusals import refusal
from .pem_text import as_text

_FILE_NAME = re.compile(
    r"(?P<prefix>AuthKey|ApiKey)_(?P<id>[A-Z0-9]{8,20})"
    r"(?:[ _-]?\(\d+\)|-\d+| copy(?: \d+)?)?"  # what browsers and Finder add to the second download
    r"\.p8(?:\.txt)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class P8Key:
    """`pem` is normalised PKCS#8 PEM with \\n line ends; the digest (hex) is of its SubjectPublicKeyInfo."""

    pem: bytes = field(repr=False)
    public_key_sha256: str


def parse_p8(data: bytes) -> P8Key:
    """The key of an upload, however it was exported or pasted; ParsingError (see `p8_refusals`) for all else.

    A key with a password is refused by its outline: no loader ever gets one, so no key derivation runs.
    """
    if len(data) > limits.P8:
        raise _too_large(data[:512])
    text = as_text(data)
    if text is None:
        raise refusal(binary_kind(data))
    return _load(key_body(text))


def _too_large(head: bytes) -> ParsingError:
    if b"<html" in head.lower() or b"<!doctype html" in head.lower():
        return refusal("html")
    return refusal(der_kind(head) or "too-large")


def _load(der: bytes) -> P8Key:
    kind = der_kind(der)
    if kind != "pkcs8":
        raise refusal(kind or "damaged-key")
    if len(read_element(der).raw) != len(der):
        raise refusal("trailing-data")
    algorithm, curve = _algorithm(der)
    if algorithm != "p256":
        raise refusal(algorithm, curve=curve)
    try:
        # Checks that the scalar is in 1 … n-1 and that the public point is on the curve and belongs to it.
        key = serialization.load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise refusal("damaged-key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise refusal("damaged-key")
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return P8Key(pem=pem, public_key_sha256=hashlib.sha256(public).hexdigest())


def _algorithm(der: bytes) -> tuple[str, str]:
    try:
        return pkcs8_algorithm(der)
    except ParsingError:
        return "damaged-key", ""


def key_id_from_filename(name: str) -> str | None:
    """The Key ID in `AuthKey_<ID>.p8` or `ApiKey_<ID>.p8`, with or without folders and a browser's “ (1)”."""
    match = _FILE_NAME.fullmatch(_base_name(name))
    return match["id"].upper() if match else None


def key_type_from_filename(name: str) -> str | None:
    """TEAM for AuthKey_ (also the portal's APNs keys), INDIVIDUAL for ApiKey_, None for other names."""
    match = _FILE_NAME.fullmatch(_base_name(name))
    if match is None:
        return None
    return "TEAM" if match["prefix"].lower() == "authkey" else "INDIVIDUAL"


def looks_like_subscription_key(name: str) -> bool:
    """Whether this is an In-App Purchase key by its name: it cannot call the App Store Connect API."""
    return _base_name(name).lower().startswith("subscriptionkey_")


def _base_name(name: str) -> str:
    return re.split(r"[/\\]", name)[-1].strip()
