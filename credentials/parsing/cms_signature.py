"""Whether what a CMS SignedData holds was signed by the key of a certificate in it (RFC 5652 §5.4).

That says that the file is whole, and nothing of who signed: nobody's certificate is trusted here.
"""

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from .cms import cms_content
from .der import CONTEXT_0, OCTET_STRING, OID, SEQUENCE, Element, read_element
from .errors import ParsingError
from .key_size import check_key_size

_SET = 0x31
_MOST_CERTIFICATES = 8  # a device sends its own and two of Apple's
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_HASHES: dict[bytes, type[hashes.HashAlgorithm]] = {
    bytes.fromhex("2b0e03021a"): hashes.SHA1,  # older devices
    bytes.fromhex("608648016503040201"): hashes.SHA256,
    bytes.fromhex("608648016503040202"): hashes.SHA384,
    bytes.fromhex("608648016503040203"): hashes.SHA512,
}


def signed_content(der: bytes) -> bytes:
    """The content, when its one signature fits. ParsingError: "damaged-der", "not-cms", "bad-signature"."""
    content = cms_content(der)
    signed_data = read_element(der).children()[1].children()[0].children()
    certificates = next((part.children() for part in signed_data[3:] if part.tag == CONTEXT_0), [])
    signers = signed_data[-1].children() if signed_data[-1].tag == _SET else []
    if len(signers) != 1 or not 1 <= len(certificates) <= _MOST_CERTIFICATES:
        raise _bad()
    algorithm, signed, signature = _signer(signers[0], content)
    if not any(_fits(each, algorithm, signed, signature) for each in certificates):
        raise _bad()
    return content


def _signer(signer: Element, content: bytes) -> tuple[hashes.HashAlgorithm, bytes, bytes]:
    """The hash, the bytes that were signed, and the signature."""
    # SignerInfo: version, sid, digestAlgorithm, [0] signedAttrs, signatureAlgorithm, signature
    parts = signer.children()
    if len(parts) < 5 or parts[2].tag != SEQUENCE:
        raise _bad()
    named = parts[2].children()
    found = _HASHES.get(named[0].value) if named and named[0].tag == OID else None
    if found is None:
        raise _bad()
    algorithm = found()
    attributes = parts[3] if parts[3].tag == CONTEXT_0 else None
    rest = parts[4:] if attributes else parts[3:]
    if len(rest) < 2 or rest[1].tag != OCTET_STRING:
        raise _bad()
    if attributes is None:
        return algorithm, content, rest[1].value
    if _message_digest(attributes) != _digest(algorithm, content):
        raise _bad()
    return algorithm, bytes([_SET]) + attributes.raw[1:], rest[1].value


def _message_digest(attributes: Element) -> bytes:
    for attribute in attributes.children():
        parts = attribute.children()
        if len(parts) == 2 and parts[0].value == _MESSAGE_DIGEST and parts[1].tag == _SET:
            values = parts[1].children()
            return values[0].value if len(values) == 1 else b""
    return b""


def _digest(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def _fits(certificate: Element, algorithm: hashes.HashAlgorithm, signed: bytes, signature: bytes) -> bool:
    try:
        check_key_size(certificate.raw)
        key = x509.load_der_x509_certificate(certificate.raw).public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, x509.InvalidVersion):
        return False  # ParsingError is a ValueError
    return True


def _bad() -> ParsingError:
    return ParsingError("bad-signature", "The signature of this answer does not fit. Send it once more.")
