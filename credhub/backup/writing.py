"""Makes a backup of the running instance."""

import os
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.db import connection
from django.utils import timezone

from credentials.models import DataKey, Deployment, SystemKey
from credhub.backup import keys, rows, schema
from credhub.backup.chunks import SealedWriter
from credhub.backup.errors import BackupError
from credhub.backup.header import Header
from credhub.backup.lines import LinesWriter
from credhub.backup.snapshot import snapshot
from organizations import audit_anchors

SALT_BYTES = 32


@dataclass(frozen=True)
class Made:
    header: Header
    tables: int
    rows: int
    size: int


def write(path: Path, passphrase: bytes | None = None) -> Made:
    """One sealed file, complete or absent, readable by its owner alone. Raises BackupError."""
    migrations = schema.require_latest()
    at = schema.state()
    # Before the moment of the snapshot: an anchor that is newer than the log would look as if the log were cut.
    anchors = _anchors()
    with _new_file(path) as file, snapshot():
        deployment, salt = _deployment(), secrets.token_bytes(SALT_BYTES)
        key, about_key = keys.new(deployment, salt, passphrase)
        header = Header(
            created_at=timezone.now().isoformat(timespec="seconds"),
            deployment=str(deployment),
            engine=connection.vendor,
            migrations=migrations,
            master_keys=_needed_master_keys(),
            key=about_key,
            salt=salt.hex(),
        )
        first = header.to_bytes()
        file.write(first)
        lines = LinesWriter(SealedWriter(file, key, salt, first, header.chunk))
        tables = dict(schema.tables(at))
        total = sum(_write_table(lines, label, model) for label, model in tables.items())
        for line in anchors:
            lines.write({"anchor": line})
        lines.write({"end": total})
        lines.close()
        size = file.tell()
    return Made(header, len(tables), total, size)


def _write_table(lines: LinesWriter, label: str, model: schema.Model) -> int:
    lines.write({"table": label, "columns": rows.columns(model)})
    count = 0
    for row in rows.read(model):
        lines.write([rows.plain(value) for value in row])
        count += 1
    lines.write({"rows": count})
    return count


def _deployment() -> uuid.UUID:
    row = Deployment.objects.first()
    if row is None:
        raise BackupError(
            "The deployment's own row is gone from the database, and nothing sealed opens without it."
        )
    return row.pk


def _needed_master_keys() -> list[str]:
    of_data: list[str] = list(DataKey.objects.order_by().values_list("master_key_id", flat=True).distinct())
    of_system = SystemKey.objects.order_by().values_list("master_key_id", flat=True)
    return sorted({*of_data, *of_system} - {""})  # a destroyed key is wrapped by none


def _anchors() -> list[str]:
    path = audit_anchors.path()
    return path.read_text().splitlines() if path.exists() else []


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when it is complete. Raises BackupError where there is one, or none can be."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    if path.exists():
        raise BackupError(f"{path} is there already. Choose another name: a backup is never written over.")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _give_name(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(f"{path} cannot be written ({error.strerror}).") from error


def _give_name(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # unlike a rename, never over another file
    except FileExistsError:
        raise BackupError(f"{path} is there by now, and is left as it is. Choose another name.") from None
    except OSError:  # a file system without links, such as a stick's
        draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
