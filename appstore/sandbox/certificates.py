"""Developer certificates: real X.509 with the subjects, markers and lifetimes of Apple's."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from appstore.sandbox.authority import APPLE, Authority, marker
from appstore.sandbox.model import Resource, Team
from appstore.sandbox.names import Person, apple_date

_CODE_SIGNING = ExtendedKeyUsageOID.CODE_SIGNING
_INSTALLER_SIGNING = ObjectIdentifier(f"{APPLE}.4.9")


@dataclass(frozen=True)
class CertificateType:
    """What tells a type apart: the words before the name, the critical markers, whether it is a person's."""

    label: str
    common_name: str
    markers: tuple[str, ...]
    platform: str | None
    personal: bool = False
    usage: ObjectIdentifier = _CODE_SIGNING
    days: int = 365
    developer_id: bool = False
    cloud_managed: bool = False


TYPES: Mapping[str, CertificateType] = {
    "DISTRIBUTION": CertificateType("Apple Distribution", "Apple Distribution", ("6.1.4", "6.1.7"), None),
    # Apple's document does not know this type; the API answers it for certificates that Xcode Cloud keeps.
    "DISTRIBUTION_MANAGED": CertificateType(
        "Apple Distribution", "Apple Distribution", ("6.1.4", "6.1.7"), None, cloud_managed=True
    ),
    "DEVELOPMENT": CertificateType(
        "Apple Development", "Apple Development", ("6.1.2", "6.1.12"), None, personal=True
    ),
    "IOS_DISTRIBUTION": CertificateType("iOS Distribution", "iPhone Distribution", ("6.1.4",), "IOS"),
    "IOS_DEVELOPMENT": CertificateType(
        "iOS Development", "iPhone Developer", ("6.1.2",), "IOS", personal=True
    ),
    "MAC_APP_DISTRIBUTION": CertificateType(
        "Mac App Distribution", "3rd Party Mac Developer Application", ("6.1.7",), "MAC_OS"
    ),
    "MAC_INSTALLER_DISTRIBUTION": CertificateType(
        "Mac Installer Distribution",
        "3rd Party Mac Developer Installer",
        ("6.1.8",),
        "MAC_OS",
        usage=_INSTALLER_SIGNING,
    ),
    "MAC_APP_DEVELOPMENT": CertificateType(
        "Mac App Development", "Mac Developer", ("6.1.12",), "MAC_OS", personal=True
    ),
    "DEVELOPER_ID_APPLICATION": CertificateType(
        "Developer ID Application",
        "Developer ID Application",
        ("6.1.13",),
        "MAC_OS",
        days=5 * 365,
        developer_id=True,
    ),
}


@dataclass(frozen=True)
class Order:
    """A certificate to be made: type, owner, serial number, end, and the public key that it is for."""

    type: str
    person: Person
    serial: int
    expires: datetime
    public_key: RSAPublicKey


def certificate(authority: Authority, team: Team, object_id: str, order: Order) -> Resource:
    """Issue a certificate and describe it as the API does."""
    kind = TYPES[order.type]
    holder = order.person.name if kind.personal else team.name
    der = _issue(authority, team, kind, order).public_bytes(Encoding.DER)
    attributes = {
        "name": f"{kind.label}: {holder}",
        "certificateType": order.type,
        "displayName": holder,
        "serialNumber": f"{order.serial:X}",
        "platform": kind.platform,
        "expirationDate": apple_date(order.expires),
        "certificateContent": base64.b64encode(der).decode(),
        "csrContent": None,
    }
    return Resource("certificates", object_id, attributes)


def _issue(authority: Authority, team: Team, kind: CertificateType, order: Order) -> x509.Certificate:
    issuer = authority.developer_id if kind.developer_id else authority.developer_relations
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    start = min(order.expires - timedelta(days=kind.days), yesterday)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(team, kind, order.person))
        .issuer_name(issuer.certificate.subject)
        .public_key(order.public_key)
        .serial_number(order.serial)
        .not_valid_before(start)
        .not_valid_after(order.expires)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
        )
        .add_extension(x509.CertificatePolicies([_policy()]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([kind.usage]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(order.public_key), critical=False)
        .add_extension(_signature_only(), critical=True)
    )
    for each in kind.markers:
        builder = builder.add_extension(marker(each), critical=True)
    if kind.cloud_managed:
        builder = builder.add_extension(marker("6.1.32"), critical=False)
    if kind.developer_id:
        # A GeneralizedTime: since when this team may sign with Developer ID.
        since = b"\x18\x0f" + start.strftime("%Y%m%d%H%M%SZ").encode()
        builder = builder.add_extension(marker("6.1.33", since), critical=False)
    return builder.sign(issuer.key, hashes.SHA256())


def _subject(team: Team, kind: CertificateType, person: Person) -> x509.Name:
    """Apple's order of names. In a person's certificate only OU is the team: the id in CN is the person's."""
    name, in_parentheses, user_id = team.name, team.team_id, team.team_id
    if kind.personal:
        name, in_parentheses, user_id = person.name, person.person_id, person.user_id
    return x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, user_id),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{kind.common_name}: {name} ({in_parentheses})"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, team.team_id),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, team.name),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
        ]
    )


def _policy() -> x509.PolicyInformation:
    return x509.PolicyInformation(ObjectIdentifier(f"{APPLE}.5.1"), None)


def _signature_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
