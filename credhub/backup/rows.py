"""Rows as they are stored, in words that are the same for every database; past all that models do when they save."""

import base64
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import DatabaseError, connections

from credentials.fields import Sealed
from credhub.backup.errors import BackupError
from credhub.backup.schema import Model

AT_ONCE = 200  # a row may hold a provisioning profile


def columns(model: Model) -> list[str]:
    return [str(field.attname) for field in model._meta.local_concrete_fields]


def read(model: Model, using: str = "default") -> Iterator[tuple[Any, ...]]:
    """Every row's values, in the order of `columns`; a few rows at a time are in memory."""
    rows = model._base_manager.using(using).order_by("pk").values_list(*columns(model))  # noqa: SLF001
    try:
        yield from rows.iterator(chunk_size=AT_ONCE)
    except (ValueError, TypeError) as error:
        raise BackupError(
            f"The table {model._meta.db_table} holds a value that cannot be read: {error}"
        ) from error


def plain(value: Any) -> Any:
    """What JSON holds of a value; `restored` is the way back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, Sealed):
        return base64.b64encode(value.ciphertext).decode()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, bool | int | float | str | dict | list):
        return value
    raise TypeError(f"A backup has no words for a {type(value).__name__}.")


def restored(model: Model, row: Sequence[Any]) -> tuple[Any, ...]:
    fields = model._meta.local_concrete_fields
    return tuple(field.to_python(value) for field, value in zip(fields, row, strict=True))


def insert(model: Model, rows: Iterable[Sequence[Any]], using: str = "default") -> int:
    """Write rows of `columns`, in batches. Returns how many. Raises BackupError for what the table does not take."""
    connection, fields = connections[using], model._meta.local_concrete_fields
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 - names of ours
    count, left = 0, iter(rows)
    while batch := list(islice(left, AT_ONCE)):
        ready = [
            [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)]
            for row in batch
        ]
        try:
            with connection.cursor() as cursor:
                cursor.executemany(statement, ready)
        except DatabaseError as error:
            raise BackupError(
                f"The table {model._meta.db_table} does not take the backup's rows: {error}"
            ) from error
        count += len(batch)
    return count


def delete_all(models: Iterable[Model], using: str = "default") -> None:
    """What migrations made in a new database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
