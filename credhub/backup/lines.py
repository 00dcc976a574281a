"""What is inside of the sealed stream: JSON values, one a line, packed with zlib."""

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from credhub.backup.chunks import SealedWriter
from credhub.backup.errors import BackupError

AT_ONCE = 256 * 1024
UNREADABLE = "This backup cannot be read, although nobody changed it. Take another one, and report this."
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


class LinesWriter:
    def __init__(self, sealed: SealedWriter) -> None:
        self._sealed, self._packer = sealed, zlib.compressobj(6)

    def write(self, value: Any) -> None:
        self._sealed.write(self._packer.compress(_encode(value).encode() + b"\n"))

    def close(self) -> None:
        self._sealed.write(self._packer.flush())
        self._sealed.close()


def read(chunks: Iterable[bytes]) -> Iterator[Any]:
    """Each value; no more than a chunk and a line are in memory."""
    rest = b""
    for piece in _unpacked(chunks):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield json.loads(line)
    if rest:
        raise BackupError(UNREADABLE)


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    for chunk in chunks:
        waiting = chunk
        while waiting:
            yield unpacker.decompress(waiting, AT_ONCE)
            waiting = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof or unpacker.unused_data:
        raise BackupError(UNREADABLE)
