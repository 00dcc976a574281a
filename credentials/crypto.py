"""The envelope: master key → data key per organization → one AES-256-GCM value per record. Pure functions.

A sealed value is `CH1 | algorithm (1) | data key version (4) | salt (32) | nonce (12) | ciphertext | tag (16)`.
Its key is HKDF-Expand-SHA256(data key, "CH1" + salt + context): a data key is 32 random bytes, so there is nothing to
extract. Its associated data is the context and the header, so a value that was moved to another record, column,
organization or deployment does not open.
"""

import json
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credentials import hkdf

MAGIC = b"CH1"
AES_256_GCM = 2
AES_256_GCM_OF_EXTRACTED_KEY = 1  # of values from before: key = HKDF-SHA256(data key, salt, "CH1" + context)
HEADER_BYTES = len(MAGIC) + 1 + 4
SALT_BYTES, NONCE_BYTES, TAG_BYTES, KEY_BYTES = 32, 12, 16, 32
_MAGIC_AND_ALGORITHM = MAGIC + bytes([AES_256_GCM])
_SALT_END = HEADER_BYTES + SALT_BYTES
_NONCE_END = _SALT_END + NONCE_BYTES
_SMALLEST = _NONCE_END + TAG_BYTES


class SealError(Exception):
    """A value does not open: damaged, moved from elsewhere, or sealed under a key that is not here."""


def new_data_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def canonical(*parts: str) -> bytes:
    """One unambiguous byte string of a list of words (JSON keeps `a|b` and `a`, `b` apart)."""
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()


def _header(version: int) -> bytes:
    return _MAGIC_AND_ALGORITHM + version.to_bytes(4, "big")


def derive(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, which tells nothing of the others nor of the one it comes from."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def seal(plaintext: bytes, data_key: bytes, version: int, context: bytes) -> bytes:
    header = _header(version)
    fresh = os.urandom(SALT_BYTES + NONCE_BYTES)
    cipher = AESGCM(hkdf.expand(data_key, MAGIC + fresh[:SALT_BYTES] + context))
    return header + fresh + cipher.encrypt(fresh[SALT_BYTES:], plaintext, context + header)


def data_key_version(value: bytes) -> int:
    """Which version of its organization's data key a sealed value needs. Raises SealError."""
    if len(value) < _SMALLEST or value[:3] != MAGIC:
        raise SealError("This is not a sealed value, or it is damaged.")
    if value[3] not in {AES_256_GCM, AES_256_GCM_OF_EXTRACTED_KEY}:
        raise SealError(f"This value was sealed with an algorithm ({value[3]}) that is unknown here.")
    return int.from_bytes(value[4:HEADER_BYTES], "big")


def unseal(value: bytes, data_key: bytes, context: bytes) -> bytes:
    """Raises SealError for anything that was not sealed under this key for this context."""
    salt = value[HEADER_BYTES:_SALT_END]
    if value[:4] == _MAGIC_AND_ALGORITHM and len(value) >= _SMALLEST:
        cipher = AESGCM(hkdf.expand(data_key, MAGIC + salt + context))
    else:
        data_key_version(value)  # says what is wrong with it; nothing is when it was sealed long ago
        cipher = AESGCM(hkdf.extract_and_expand(data_key, salt, MAGIC + context))
    try:
        return cipher.decrypt(value[_SALT_END:_NONCE_END], value[_NONCE_END:], context + value[:HEADER_BYTES])
    except InvalidTag:
        raise SealError("This value does not open: it is damaged, or it belongs to another record.") from None
