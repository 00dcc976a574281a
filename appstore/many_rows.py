"""Statements for many rows at once, past the ORM: what it does for each row takes longer than all the rest of a sync.

For mirrors of Apple's objects and their links only, which no digest guards.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import connection, connections, models

VALUES_AT_ONCE = 1000


def insert(rows: Sequence[models.Model]) -> None:
    """New rows of one model, whose keys are made by us."""
    if not rows:
        return
    fields = rows[0]._meta.local_concrete_fields
    _insert(fields, list(zip(*(_column(field, rows) for field in fields), strict=True)))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def link(through: type[models.Model], names: tuple[str, str], pairs: Sequence[tuple[Any, Any]]) -> None:
    """Pairs for a join table, prepared as `prepared` does. One that is there stays."""
    _insert([through._meta.get_field(name) for name in names], pairs, " ON CONFLICT DO NOTHING")


def set_column(model: type[models.Model], name: str, values: Sequence[tuple[Any, Any]]) -> None:
    """`values`: what is set, and the key of the row, each."""
    fields = [model._meta.get_field(name), model._meta.pk]
    if values:
        with connection.cursor() as cursor:
            statement = "UPDATE {} SET {} = %s WHERE {} = %s"  # the names are ours
            cursor.executemany(statement.format(*_names(fields)), values)


def prepared(field: Any, value: Any) -> Any:
    """As the database's driver takes it."""
    return field.get_db_prep_save(value, connection)


def _column(field: Any, rows: Sequence[models.Model]) -> list[Any]:
    """The field's values of all rows, as the driver takes them. Most are texts, and need nothing."""
    # The connection itself, and not the proxy in front of it, which would be asked many times for each value
    database = connections[connection.alias]
    values = [field.pre_save(row, True) for row in rows]
    if isinstance(field, models.CharField | models.TextField):
        return [each if type(each) is str else field.get_db_prep_save(each, database) for each in values]
    return [field.get_db_prep_save(each, database) for each in values]


def _insert(fields: Sequence[Any], rows: Sequence[Sequence[Any]], end: str = "") -> None:
    """Some thousand values to a statement: SQLite lets go of the interpreter at each, and those that read Apple's
    answers take it."""
    table, *columns = _names(fields)
    start = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of ours
    place = f"({', '.join(['%s'] * len(columns))})"
    at_once = min(VALUES_AT_ONCE, connection.features.max_query_params or VALUES_AT_ONCE) // len(columns)
    with connection.cursor() as cursor:
        for first in range(0, len(rows), at_once):
            some = rows[first : first + at_once]
            cursor.execute(start + ", ".join([place] * len(some)) + end, list(chain.from_iterable(some)))


def _names(fields: Sequence[Any]) -> list[str]:
    """Of the table and of the columns, quoted."""
    names = [fields[0].model._meta.db_table, *(field.column for field in fields)]
    return [connection.ops.quote_name(name) for name in names]
