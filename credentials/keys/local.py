"""Master keys of our own, from the environment or a file: the default."""

import base64
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credentials.crypto import KEY_BYTES, NONCE_BYTES, SealError
from credentials.keys.errors import MasterKeyError
from credentials.keys.provider import prove

_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,24}")


@dataclass(frozen=True)
class MasterKeys:
    """The keyring of CREDHUB_MASTER_KEYS: `current` wraps new data keys, every key unwraps."""

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

    @property
    def key_ids(self) -> Collection[str]:
        return list(self.keys)

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self.current, nonce + AESGCM(self.keys[self.current]).encrypt(nonce, data_key, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        if key_id not in self.keys:
            raise MasterKeyError(
                f"Master key “{key_id}” is needed, and CREDHUB_MASTER_KEYS does not hold it."
            )
        try:
            return AESGCM(self.keys[key_id]).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise SealError(f"A data key does not open with master key “{key_id}”.") from None

    def check(self) -> None:
        prove(self)
