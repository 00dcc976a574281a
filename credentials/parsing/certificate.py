"""An X.509 certificate as Apple issues it, in DER.

TN3161 https://developer.apple.com/documentation/technotes/tn3161-inside-code-signing-certificates
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from organizations.words import clean

from . import limits
from .apple_types import CLOUD_MANAGED, classify
from .der import read_element
from .errors import ParsingError
from .key_size import check_key_size

_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Digests are lower-case hex, that of the key over its SubjectPublicKeyInfo; times aware UTC."""

    serial_number: str  # upper-case hex without leading zeros, as Apple's API writes it
    common_name: str
    team_id: str  # the subject's OU: the id in a development certificate's common name is a person's
    organization: str
    not_before: datetime
    not_after: datetime
    sha1: str
    sha256: str
    public_key_sha256: str
    apple_type: str  # see apple_types.classify
    is_cloud_managed: bool  # Apple holds the private key


def parse_certificate(der: bytes) -> CertificateFacts:
    """The facts of one DER certificate; signature and chain are not checked.

    ParsingError "not-a-certificate" for everything else. Bytes after the certificate are cut off first: Apple
    publishes such files, and OpenSSL takes them.
    """
    if len(der) > limits.CERTIFICATE:
        raise _not_a_certificate()
    try:
        der = read_element(der).raw
        check_key_size(der)
        return _facts(x509.load_der_x509_certificate(der), der)
    except _UNREADABLE:  # ParsingError is a ValueError; parts are parsed only when they are asked for
        raise _not_a_certificate() from None


def _facts(certificate: x509.Certificate, der: bytes) -> CertificateFacts:
    oids = {extension.oid.dotted_string for extension in certificate.extensions}
    public_key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return CertificateFacts(
        serial_number=f"{certificate.serial_number:X}",
        common_name=_subject(certificate, NameOID.COMMON_NAME),
        team_id=_subject(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME),
        organization=_subject(certificate, NameOID.ORGANIZATION_NAME),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha1=hashlib.sha1(der, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(der).hexdigest(),
        public_key_sha256=hashlib.sha256(public_key).hexdigest(),
        apple_type=classify(oids),
        is_cloud_managed=CLOUD_MANAGED in oids,
    )


def _subject(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    return next((clean(part.value) for part in certificate.subject.get_attributes_for_oid(oid)), "")


def _not_a_certificate() -> ParsingError:
    return ParsingError(
        "not-a-certificate",
        "This is not a readable certificate. Download the .cer file again from Apple's developer portal.",
    )
