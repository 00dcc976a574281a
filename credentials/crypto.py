"""The envelope: master key → data key per organization → one AES-256-GCM value per record. Pure functions.

A sealed value is `CH1 | algorithm (1) | data key version (4) | salt (32) | nonce (12) | ciphertext | tag (16)`.
Its key is HKDF-SHA256(data key, salt, "CH1" + context); its associated data is the context and the header, so a
value that was moved to another record, column, organization or deployment does not open.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"CH1"
AES_256_GCM = 1
HEADER_BYTES = len(MAGIC) + 1 + 4
SALT_BYTES, NONCE_BYTES, TAG_BYTES, KEY_BYTES = 32, 12, 16, 32
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,24}")


class SealError(Exception):
    """A value does not open: damaged, moved from elsewhere, or sealed under a key that is not here."""


class MasterKeyError(Exception):
    """CREDHUB_MASTER_KEYS cannot be read, or lacks a key; the message names ids and never a key."""


@dataclass(frozen=True)
class MasterKeys:
    """The keyring that wraps data keys: `current` wraps new ones, every key unwraps."""

    current: str
    keys: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"<MasterKeys {', '.join(self.keys)}>"

    @classmethod
    def parse(cls, text: str) -> "MasterKeys":
        """Read `id:base64,id:base64,…`. Raises MasterKeyError."""
        keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
            key_id, colon, encoded = entry.partition(":")
            # A key that stands in the place of its id is not told.
            told = key_id if colon and _KEY_ID.fullmatch(key_id) else "?"
            try:
                key = base64.b64decode(encoded, validate=True)
            except ValueError:
                key = b""
            if told == "?" or len(key) != KEY_BYTES:
                raise MasterKeyError(
                    f"Master key “{told}” is not `id:` (up to 24 letters, digits, dots, dashes) and 32 bytes in base64."
                )
            if key_id in keys:
                raise MasterKeyError(f"Master key id “{key_id}” is there twice.")
            keys[key_id] = key
        if not keys:
            raise MasterKeyError("CREDHUB_MASTER_KEYS holds no key.")
        return cls(current=next(iter(keys)), keys=keys)

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Seal a data key under the current master key. Returns (master key id, wrapped)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self.current, nonce + AESGCM(self.keys[self.current]).encrypt(nonce, data_key, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Raises MasterKeyError when the key is not here, SealError when it does not fit."""
        if key_id not in self.keys:
            raise MasterKeyError(
                f"Master key “{key_id}” is needed, and CREDHUB_MASTER_KEYS does not hold it."
            )
        try:
            return AESGCM(self.keys[key_id]).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise SealError(f"A data key does not open with master key “{key_id}”.") from None

    def fingerprint(self, key_id: str) -> str:
        """Tells keys apart without telling the key."""
        return hashlib.sha256(b"credhub key check" + self.keys[key_id]).hexdigest()[:16]


def new_data_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def canonical(*parts: str) -> bytes:
    """One unambiguous byte string of a list of words (JSON keeps `a|b` and `a`, `b` apart)."""
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()


def _header(version: int) -> bytes:
    return MAGIC + bytes([AES_256_GCM]) + version.to_bytes(4, "big")


def derive(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, which tells nothing of the others nor of the one it comes from."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def _record_key(data_key: bytes, salt: bytes, context: bytes) -> AESGCM:
    derived = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=MAGIC + context)
    return AESGCM(derived.derive(data_key))


def seal(plaintext: bytes, data_key: bytes, version: int, context: bytes) -> bytes:
    header = _header(version)
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    sealed = _record_key(data_key, salt, context).encrypt(nonce, plaintext, context + header)
    return header + salt + nonce + sealed


def data_key_version(value: bytes) -> int:
    """Which version of its organization's data key a sealed value needs. Raises SealError."""
    if len(value) < HEADER_BYTES + SALT_BYTES + NONCE_BYTES + TAG_BYTES or value[:3] != MAGIC:
        raise SealError("This is not a sealed value, or it is damaged.")
    if value[3] != AES_256_GCM:
        raise SealError(f"This value was sealed with an algorithm ({value[3]}) that is unknown here.")
    return int.from_bytes(value[4:HEADER_BYTES], "big")


def unseal(value: bytes, data_key: bytes, context: bytes) -> bytes:
    """Raises SealError for anything that was not sealed under this key for this context."""
    header = _header(data_key_version(value))
    salt_end, nonce_end = HEADER_BYTES + SALT_BYTES, HEADER_BYTES + SALT_BYTES + NONCE_BYTES
    cipher = _record_key(data_key, value[HEADER_BYTES:salt_end], context)
    try:
        return cipher.decrypt(value[salt_end:nonce_end], value[nonce_end:], context + header)
    except InvalidTag:
        raise SealError("This value does not open: it is damaged, or it belongs to another record.") from None
