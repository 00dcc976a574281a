"""Certificate signing requests: PEM, or base64 of the DER in one line; PKCS#10 version 0, RSA 2048."""

import base64

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from appstore.sandbox.writing import refusals


def public_key(content: str) -> RSAPublicKey:
    """The key that a certificate is asked for. Apple ignores the subject, and so does this."""
    try:
        if content.lstrip().startswith("-----BEGIN"):
            request = x509.load_pem_x509_csr(content.encode())
        else:
            request = x509.load_der_x509_csr(base64.b64decode(content, validate=True))
        is_signed = request.is_signature_valid
        key = request.public_key()
    # The version is checked while reading: any but 0 is an InvalidVersion.
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise refusals.invalid_request("The certificate request is invalid") from error
    if not is_signed:
        raise refusals.invalid_request("The certificate request is invalid")
    if not isinstance(key, RSAPublicKey) or key.key_size != 2048:
        raise refusals.invalid_request("CSR algorithm/size incorrect. Expected: RSA(2048)")
    return key
