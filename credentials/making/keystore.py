"""A new keystore for Android: PKCS12 with one RSA key and a certificate that it signed itself."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .pkcs12 import Entry, write_pkcs12

DAYS = 10_000  # what keytool's documentation for Android says; Google Play asks for validity until late 2033
_BITS = 2048


@dataclass(frozen=True, slots=True)
class NewKeystore:
    file: bytes = field(repr=False)
    alias: str
    password: str = field(repr=False)  # of the keystore and of the key: PKCS12 knows no others


def make_keystore(
    *,
    common_name: str,
    organization: str = "",
    country: str = "",
    alias: str = "",
    password: str = "",
    days: int = DAYS,
) -> NewKeystore:
    """What is left empty is drawn by lot; `country` has two letters."""
    alias, password = alias or secrets.token_hex(16), password or secrets.token_hex(16)
    key = rsa.generate_private_key(65537, _BITS)
    words = [
        (NameOID.COUNTRY_NAME, country.upper()),
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.COMMON_NAME, common_name),
    ]
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in words if value])
    now = datetime.now(UTC).replace(microsecond=0)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=days))
    builder = builder.add_extension(
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
    )
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    private_key = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return NewKeystore(write_pkcs12([Entry(alias, private_key, (certificate,))], password), alias, password)
