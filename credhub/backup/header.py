"""What stands in front of a backup, readable by everybody: what it is, and what opens it."""

import json
from dataclasses import asdict, dataclass
from typing import BinaryIO

from credhub.backup.errors import BackupError

MAGIC = b"CHB1"
FORMAT = 1
LONGEST = 64 * 1024
CHUNK_BYTES = 256 * 1024
SMALLEST_CHUNK, BIGGEST_CHUNK = 64, 16 * 1024 * 1024
NOT_A_BACKUP = "This is not a backup of CredHub."
NEWER = "This backup was made by a newer CredHub. Restore it with that version or a later one."
CUT = "This backup is cut off. Take another copy of it."
DAMAGED_HEADER = "The start of this backup is damaged. Take another copy of it."


@dataclass(frozen=True)
class Header:
    """`migrations` is the schema: the last migration of each app. `key` says what opens it (`keys.py`)."""

    created_at: str
    deployment: str
    engine: str
    migrations: dict[str, str]
    master_keys: list[str]
    key: dict[str, str]
    salt: str
    chunk: int = CHUNK_BYTES
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        body = json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()
        return MAGIC + len(body).to_bytes(4, "big") + body


def read(file: BinaryIO) -> tuple[Header, bytes]:
    """The header, and its bytes as they stand there: every chunk is bound to those. Raises BackupError."""
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        # CHB and a later number is a later format
        raise BackupError(NEWER if magic[:3] == MAGIC[:3] and magic[3:].isdigit() else NOT_A_BACKUP)
    length = file.read(4)
    size = int.from_bytes(length, "big")
    if len(length) == 4 and size > LONGEST:
        raise BackupError(DAMAGED_HEADER)
    body = file.read(size)
    if len(length) < 4 or len(body) < size:
        raise BackupError(CUT)
    return _parsed(body), magic + length + body


def _parsed(body: bytes) -> Header:
    try:
        values = json.loads(body)
        if isinstance(values["format"], int) and values["format"] > FORMAT:
            raise BackupError(NEWER)
        header = Header(**values)
        bytes.fromhex(header.salt)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BackupError(DAMAGED_HEADER) from None
    if not _is_sound(header):
        raise BackupError(DAMAGED_HEADER)
    return header


def _is_sound(header: Header) -> bool:
    """Whether everything is of its type: nothing in front of the first chunk is authenticated yet."""
    words = (header.created_at, header.deployment, header.engine)
    maps = (header.migrations, header.key)
    return (
        all(isinstance(each, str) for each in words)
        and all(isinstance(each, dict) and all(isinstance(v, str) for v in each.values()) for each in maps)
        and isinstance(header.master_keys, list)
        and all(isinstance(each, str) for each in header.master_keys)
        and type(header.format) is int
        and header.format == FORMAT
        and type(header.chunk) is int
        and SMALLEST_CHUNK <= header.chunk <= BIGGEST_CHUNK
    )
