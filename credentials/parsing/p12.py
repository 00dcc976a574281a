"""A .p12 (PKCS#12): one private key with its certificate, as Keychain Access, Xcode and openssl export it."""

import warnings
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from organizations.words import clean

from . import limits
from .der import read_element
from .der_kind import binary_kind
from .errors import ParsingError
from .p12_outline import Outline, read_outline
from .p12_refusals import refusal

_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    InternalError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class NamedCertificate:
    der: bytes
    friendly_name: str  # "" when the file gives none


@dataclass(frozen=True, slots=True)
class P12:
    """`private_key` is PKCS#8 DER without a password; `certificate` is its own, `others` are often a chain."""

    private_key: bytes = field(repr=False)
    certificate: NamedCertificate | None
    others: tuple[NamedCertificate, ...]


def parse_p12(data: bytes, password: str = "") -> P12:
    """What is in a .p12; signatures and chains are not checked. ParsingError (see `p12_refusals`) for all else.

    What opening would cost is read first (`p12_outline`), so no key derivation runs that is not worth it. Old
    encryptions (RC2, Triple DES) are taken: Keychain Access still writes them.
    """
    if len(data) > limits.P12:
        raise refusal("too-large")
    kind = binary_kind(data)
    if kind != "pkcs12":
        raise refusal("not-a-p12" if data else "empty")
    outline = _outline(data, password)
    if outline.keys > 1:
        raise refusal("several-keys")
    if not outline.keys and not outline.may_hide_keys:
        raise refusal("no-private-key")
    return _load(data, password)


def _outline(data: bytes, password: str) -> Outline:
    if data[1] == 0x80:
        raise refusal("indefinite-length")
    try:
        if len(read_element(data).raw) != len(data):
            raise refusal("trailing-data")
        # Without a password OpenSSL tries the MAC with none and then with an empty one.
        return read_outline(data, mac_tries=1 if password else 2)
    except ParsingError as error:
        if error.code == "damaged-der":
            raise refusal("damaged-p12") from None
        raise


def _load(data: bytes, password: str) -> P12:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that some tools write BER where DER is asked for
            opened = pkcs12.load_pkcs12(data, password.encode() or None)
        if opened.key is None:
            raise refusal("no-private-key")
        if not isinstance(opened.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise refusal("other-algorithm")
        key = opened.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        certificate = _named(opened.cert) if opened.cert else None
        return P12(key, certificate, tuple(_named(other) for other in opened.additional_certs))
    except ParsingError:
        raise
    except _UNREADABLE:  # OpenSSL says the same of a wrong password and of damage inside
        raise refusal("wrong-password" if password else "password-needed") from None


def _named(found: pkcs12.PKCS12Certificate) -> NamedCertificate:
    name = (found.friendly_name or b"").decode("utf-8", "replace")
    return NamedCertificate(found.certificate.public_bytes(serialization.Encoding.DER), clean(name))
