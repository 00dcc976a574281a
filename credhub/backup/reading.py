"""Opens a backup file: what it says of itself, and its lines once every chunk has proven itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from credhub.backup import chunks, keys, lines, schema
from credhub.backup.errors import BackupError
from credhub.backup.header import Header, read


def prove(path: Path, passphrase: bytes | None = None) -> Header:
    """Read the file to its end. Raises BackupError for one that is damaged, of a newer version, or of other keys."""
    with _file(path) as file:
        header, sealed = _opened(file, passphrase)
        for _chunk in sealed:
            pass
    return header


def contents(path: Path, passphrase: bytes | None = None) -> Iterator[Any]:
    """Each value of the file. Raises BackupError in the middle, for a file that nobody proved."""
    with _file(path) as file:
        _header, sealed = _opened(file, passphrase)
        yield from lines.read(sealed)


def _opened(file: BinaryIO, passphrase: bytes | None) -> tuple[Header, Iterator[bytes]]:
    header, first = read(file)
    schema.refuse_newer(header.migrations)
    key = keys.unwrap(header, passphrase)
    return header, chunks.opened(file, key, bytes.fromhex(header.salt), first, header.chunk)


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise BackupError(f"{path} cannot be read ({error.strerror}).") from error
