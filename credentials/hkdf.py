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


def _hmac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 under a key of 32 bytes."""
    inner = sha256(key.translate(_INNER) + _INNER_REST + message).digest()
    return sha256(key.translate(_OUTER) + _OUTER_REST + inner).digest()


def hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    """32 bytes derived from `key` with a salt of 32 bytes."""
    if len(salt) != 32:
        raise ValueError("The salt has 32 bytes.")
    return _hmac(_hmac(salt, key), info + b"\x01")
