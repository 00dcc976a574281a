"""Writes a .p12 (PKCS#12): a private key with its certificate, behind a password."""

import secrets
import string

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

# The passwords are random and long, so these only have to satisfy the tools that read the file
_ROUNDS = 50_000
# No signs that a shell, a .env file or a property list would read as something else
_LETTERS = string.ascii_letters + string.digits
_PASSWORD_LENGTH = 24  # 142 bits


def new_password() -> str:
    """A random one for one file."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_PASSWORD_LENGTH))


def encode_p12(
    private_key: bytes, certificate: bytes, password: str, *, name: str = "", modern: bool = False
) -> bytes:
    """A PKCS#8 key and its certificate, both DER, as .p12; `name` is what Keychain Access calls the key.

    Triple DES with SHA-1, because macOS's `security import` reads nothing newer ("MAC verification failed"); that
    protects little, so the password is for one file and travels as a secret. `modern`: AES-256 with SHA-256.

    Raises ValueError for an empty password: macOS refuses such files, or reads them as damaged.
    """
    if not password:
        raise ValueError("A .p12 needs a password.")
    key = serialization.load_der_private_key(private_key, None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError("Only RSA and elliptic-curve keys go into a .p12.")
    algorithm = pkcs12.PBES.PBESv2SHA256AndAES256CBC if modern else pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(algorithm)
        .hmac_hash(hashes.SHA256() if modern else hashes.SHA1())  # noqa: S303 - see above
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(
        name.encode() or None, key, x509.load_der_x509_certificate(certificate), None, encryption
    )
