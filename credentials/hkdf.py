"""HKDF-SHA256 (RFC 5869) of one 32-byte key, on hashlib alone.

Every sealed value has a key of its own, so this runs for each seal and each open. The general classes cost more
than the whole AES-GCM of a 4 KiB value; these are their four hashes and nothing else. The tests compare it with
cryptography's HKDF.
"""

from hashlib import sha256

_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_INNER_REST, _OUTER_REST = b"\x36" * (_BLOCK - 32), b"\x5c" * (_BLOCK - 32)


def hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    """32 bytes derived from `key` with a salt of 32 bytes."""
    if len(salt) != 32:
        raise ValueError("The salt has 32 bytes.")
    # Extract: HMAC(salt, key)
    inner = sha256(salt.translate(_INNER) + _INNER_REST + key).digest()
    extracted = sha256(salt.translate(_OUTER) + _OUTER_REST + inner).digest()
    # Expand, one block of it: HMAC(extracted, info + 1)
    inner = sha256(extracted.translate(_INNER) + _INNER_REST + info + b"\x01").digest()
    return sha256(extracted.translate(_OUTER) + _OUTER_REST + inner).digest()
