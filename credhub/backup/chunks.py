"""The sealed stream behind the header: chunks of AES-256-GCM in the STREAM construction. Pure functions.

A chunk's nonce is 7 bytes that are the file's own, its number, and whether it is the last; the header is its
associated data. So a chunk that was changed, moved, left out, doubled or added does not open, nor does a file that
ends early.
"""

from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credhub.backup.errors import BackupError

TAG_BYTES, PREFIX_BYTES, KEY_BYTES = 16, 7, 32
MOST_CHUNKS = 2**32


def _derived(key: bytes, salt: bytes) -> tuple[AESGCM, bytes]:
    """The file's cipher and the start of its nonces."""
    derive = HKDF(
        algorithm=hashes.SHA256(), length=KEY_BYTES + PREFIX_BYTES, salt=salt, info=b"CredHub backup 1"
    )
    both = derive.derive(key)
    return AESGCM(both[:KEY_BYTES]), both[KEY_BYTES:]


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


class SealedWriter:
    """Writes chunks as they fill up. What was not closed with `close` has no last chunk, and never opens."""

    def __init__(self, file: BinaryIO, key: bytes, salt: bytes, header: bytes, chunk: int) -> None:
        self._file, self._header, self._chunk = file, header, chunk
        self._cipher, self._prefix = _derived(key, salt)
        self._waiting = bytearray()
        self._number = 0

    def write(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > self._chunk:  # one chunk always stays, to be the last
            self._seal(bytes(self._waiting[: self._chunk]), is_last=False)
            del self._waiting[: self._chunk]

    def close(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, plain: bytes, *, is_last: bool) -> None:
        if self._number >= MOST_CHUNKS:
            raise BackupError("This is more than one backup file can hold.")
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, plain, self._header))
        self._number += 1


def opened(file: BinaryIO, key: bytes, salt: bytes, header: bytes, chunk: int) -> Iterator[bytes]:
    """Each chunk's plain bytes, from where the file stands. Raises BackupError at the first that does not open."""
    cipher, prefix = _derived(key, salt)
    number, sealed = 0, file.read(chunk + TAG_BYTES)
    while sealed or number == 0:
        following = file.read(chunk + TAG_BYTES)
        try:
            plain = cipher.decrypt(_nonce(prefix, number, is_last=not following), sealed, header)
        except (InvalidTag, ValueError):
            raise BackupError(
                f"This backup is damaged at chunk {number + 1}: it was cut off, changed or added to. "
                "Take another copy of it."
            ) from None
        yield plain
        number, sealed = number + 1, following
