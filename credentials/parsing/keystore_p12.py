"""A keystore of type PKCS12: the keys of all its aliases, where a .p12 for Apple has one."""

import warnings
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InternalError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from organizations.words import clean

from .der import read_element
from .errors import ParsingError
from .jks import MAX_CHAIN
from .keystore_entry import UNREADABLE, public_key_of
from .keystore_refusals import refusal
from .p12_outline import KeyBag, Outline, read_outline

_DER, _PKCS8 = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
_UNNAMED = "1"  # what Java calls a key without a name


@dataclass(frozen=True, slots=True)
class _Certificate:
    der: bytes
    name: str
    issuer: bytes
    subject: bytes


@dataclass(frozen=True, slots=True)
class P12Key:
    """`certificates` are all that the file has; which are this key's is told by its public key."""

    alias: str
    bag: KeyBag = field(repr=False)
    certificates: tuple[_Certificate, ...]

    def unlock(self, password: str) -> tuple[bytes, tuple[bytes, ...]] | None:
        """See LockedKey."""
        given = password.encode() if self.bag.is_encrypted else None
        try:
            key = serialization.load_der_private_key(self.bag.der, given, unsafe_skip_rsa_key_validation=True)
            plain = key.private_bytes(_DER, _PKCS8, serialization.NoEncryption())
            public = key.public_key().public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        except (*UNREADABLE, InternalError):
            if not self.bag.is_encrypted:
                raise refusal("damaged") from None
            return None
        return plain, self._chain(public)

    def _chain(self, public: bytes) -> tuple[bytes, ...]:
        """Its certificate, the one of that certificate's issuer, and so on."""
        own = [each for each in self.certificates if public_key_of(each.der) == public]
        own.sort(key=lambda each: each.name != self.bag.name)  # the same key may stand under two names
        chain = own[:1]
        while chain and chain[-1].issuer != chain[-1].subject and len(chain) < MAX_CHAIN:
            issuers = [each for each in self.certificates if each.subject == chain[-1].issuer]
            if not issuers or issuers[0] in chain:
                break
            chain.append(issuers[0])
        return tuple(each.der for each in chain)


def read_keystore_p12(data: bytes, password: str, *, key_tries: int) -> tuple[P12Key, ...]:
    """Its private keys, each of which will be tried so often. ParsingError (see `keystore_refusals`)."""
    outline = _outline(data, key_tries)
    if not outline.keys and not outline.may_hide_keys:
        raise refusal("no-private-key")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that some tools write BER where DER is asked for
            opened = pkcs12.load_pkcs12(data, password.encode())
        found = [*([opened.cert] if opened.cert else []), *opened.additional_certs]
        certificates = tuple(_certificate(each) for each in found)
        bags = outline.bags or _hidden(opened)
    except (*UNREADABLE, InternalError) as error:  # the same for a wrong password and for damage inside
        is_opened = str(error).startswith("error parsing asn1 value")
        raise refusal("unreadable-certificate" if is_opened else "wrong-password") from None
    return tuple(P12Key(bag.name or _UNNAMED, bag, certificates) for bag in bags)


def _outline(data: bytes, key_tries: int) -> Outline:
    if data[1] == 0x80:
        raise refusal("indefinite-length")
    try:
        if len(read_element(data).raw) != len(data):
            raise refusal("damaged")
        # One try more: OpenSSL opens the keys as well.
        return read_outline(data, mac_tries=1, key_tries=key_tries + 1)
    except ParsingError as error:
        if error.code == "damaged-der":
            raise refusal("damaged") from None
        if error.code == "key-too-large":
            raise refusal("key-too-large") from None
        raise


def _certificate(found: pkcs12.PKCS12Certificate) -> _Certificate:
    name = clean((found.friendly_name or b"").decode("utf-8", "replace"))
    certificate: x509.Certificate = found.certificate
    issuer, subject = certificate.issuer.public_bytes(), certificate.subject.public_bytes()
    return _Certificate(certificate.public_bytes(_DER), name, issuer, subject)


def _hidden(opened: pkcs12.PKCS12KeyAndCertificates) -> list[KeyBag]:
    """The key of a file whose bags are all encrypted. There may be more, which nobody writes."""
    if opened.key is None:
        return []
    der = opened.key.private_bytes(_DER, _PKCS8, serialization.NoEncryption())
    name = opened.cert.friendly_name if opened.cert else None
    return [KeyBag(clean((name or b"").decode("utf-8", "replace")), der, is_encrypted=False)]
