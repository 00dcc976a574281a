"""HKDF-SHA256 (RFC 5869) of one 32-byte key, on hashlib alone.

Every sealed value has a key of its own, so this runs for each seal and each open. The general classes cost more
than the whole AES-GCM of a 4 KiB value; these are their hashes and nothing else. The tests compare them with
cryptography's HKDF and HKDFExpand.
"""

from hashlib import sha256

_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_INNER_REST, _OUTER_REST = b"\x36" * (_BLOCK - 32), b"\x5c" * (_BLOCK - 32)


def extract_and_expand(key: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF as a whole: 32 bytes derived from `key` with a salt of 32 bytes."""
    return expand(_hmac(salt, key), info)


def expand(key: bytes, info: bytes) -> bytes:
    """Expand alone: 32 bytes derived from a `key` that is 32 random bytes already (RFC 5869 §3.3)."""
    return _hmac(key, info + b"\x01")


def _hmac(key: bytes, message: bytes) -> bytes:
    if len(key) != 32:
        raise ValueError("The key or salt has 32 bytes.")
    inner = sha256(key.translate(_INNER) + _INNER_REST + message).digest()
    return sha256(key.translate(_OUTER) + _OUTER_REST + inner).digest()
