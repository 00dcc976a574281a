"""Puts a backup's rows into the tables that they were taken from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.state import ProjectState

from credhub.backup import rows, schema
from credhub.backup.errors import BackupError
from credhub.backup.lines import UNREADABLE


@dataclass
class Loaded:
    rows: int = 0
    tables: set[str] = field(default_factory=set)
    anchors: list[str] = field(default_factory=list)


def load(values: Iterator[Any], at: ProjectState) -> Loaded:
    """Replace what is in the tables, all of it or nothing. Raises BackupError for what does not fit them."""
    models = dict(schema.tables(at))
    loaded = Loaded()
    try:
        with transaction.atomic():
            rows.delete_all(model for _, model in schema.tables(at, everything=True))
            for value in values:
                if "table" in value:
                    _load_table(value, values, models, loaded)
                elif "anchor" in value:
                    loaded.anchors.append(value["anchor"])
                elif value["end"] != loaded.rows or loaded.tables != models.keys():
                    raise BackupError(UNREADABLE)
            connection.check_constraints()
    except IntegrityError as error:
        raise BackupError(f"The rows of this backup do not belong together: {error}") from error
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise BackupError(UNREADABLE) from error
    return loaded


def _load_table(
    opening: dict[str, Any], values: Iterator[Any], models: dict[str, schema.Model], loaded: Loaded
) -> None:
    label, model = opening["table"], models[opening["table"]]
    if opening["columns"] != rows.columns(model) or label in loaded.tables:
        raise BackupError(UNREADABLE)
    loaded.tables.add(label)
    loaded.rows += rows.insert(model, (rows.restored(model, row) for row in _rows_of_table(values)))


def _rows_of_table(values: Iterator[Any]) -> Iterator[list[Any]]:
    """The rows up to the line that says how many there are."""
    for count, value in enumerate(values):
        if isinstance(value, dict):
            if value["rows"] != count:
                break
            return
        yield value
    raise BackupError(UNREADABLE)
