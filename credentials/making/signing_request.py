"""Makes a key pair and the request with which Apple is asked for a certificate (PKCS#10)."""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """`private_key` is PKCS#8 DER, `public_key` SubjectPublicKeyInfo DER, `pem` the request."""

    private_key: bytes = field(repr=False)
    public_key: bytes
    pem: str


def new_key() -> rsa.RSAPrivateKey:
    """RSA with 2048 bits: Apple takes nothing else ("CSR algorithm/size incorrect. Expected: RSA(2048)")."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def new_signing_request(common_name: str, email: str, country: str) -> SigningRequest:
    """A new key and its request. Apple puts names of its own into the certificate; these are for the reader, and all
    but the common name may be left out.

    Raises ValueError for what a subject cannot hold: an empty name, a country that is not two letters.
    """
    key = new_key()
    parts = {
        NameOID.EMAIL_ADDRESS: email, NameOID.COMMON_NAME: common_name, NameOID.COUNTRY_NAME: country,
    }  # fmt: skip
    subject = x509.Name(
        [
            x509.NameAttribute(oid, value)
            for oid, value in parts.items()
            if value or oid is NameOID.COMMON_NAME
        ]
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return SigningRequest(
        private_key=key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        public_key=key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        pem=request.public_bytes(serialization.Encoding.PEM).decode(),
    )
