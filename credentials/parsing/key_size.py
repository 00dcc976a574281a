"""How large the public key in a certificate is, told from its outline before a library loads it.

A 262,144-bit RSA key fits into a file that is small enough, and every use of it takes minutes.
"""

from .der import BIT_STRING, CONTEXT_0, OID, SEQUENCE, damaged, read_element

# An RSA key of 16,384 bits is 2,064 bytes; Apple's are 2048 bits and 270 bytes.
MAX_PUBLIC_KEY_BYTES = 2100
_EC = bytes.fromhex("2a8648ce3d0201")
_VERSION_TO_SUBJECT = 5  # serial number, signature, issuer, validity, subject


def check_key_size(certificate: bytes) -> None:
    """ParsingError "damaged-der" for a key beyond all use, and for a curve that is spelled out instead of named."""
    outer = read_element(certificate).children()
    if not outer:
        raise damaged()
    body = outer[0].children()
    skipped = _VERSION_TO_SUBJECT + (1 if body and body[0].tag == CONTEXT_0 else 0)
    if len(body) <= skipped or body[skipped].tag != SEQUENCE:
        raise damaged()
    parts = body[skipped].children()
    if [part.tag for part in parts] != [SEQUENCE, BIT_STRING] or len(parts[1].value) > MAX_PUBLIC_KEY_BYTES:
        raise damaged()
    algorithm = parts[0].children()
    if algorithm and algorithm[0].value == _EC and [part.tag for part in algorithm] != [OID, OID]:
        raise damaged()
