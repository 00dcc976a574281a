"""Statements for many rows at once, past the ORM: what it does for each row takes longer than all the rest of a sync.

For mirrors of Apple's objects and their links only, which no digest guards.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from django.db import connection, connections, models

VALUES_AT_ONCE = 5000

M = TypeVar("M", bound=models.Model)


def insert(model: type[M], rows: Sequence[Mapping[str, Any]]) -> list[M]:
    """New rows, of values by the names of their columns, and what they are as objects. What a row does not say is its
    field's default; what a field would set by itself when it is saved has to be said."""
    if not rows:
        return []
    fields = model._meta.local_concrete_fields
    columns = [(field.attname, field.get_default) for field in fields]
    values = [[row[name] if name in row else default() for name, default in columns] for row in rows]
    of_fields = zip(fields, zip(*values, strict=True), strict=True)
    _insert(fields, list(zip(*(_column(field, column) for field, column in of_fields), strict=True)))
    names = [name for name, _default in columns]
    return [model.from_db(connection.alias, names, each) for each in values]


def join(
    owner: type[models.Model],
    other: Any,
    key: str,
    wanted: Mapping[Any, list[str]],
    *,
    team: Any,
    are_new: bool,
) -> None:
    """Make the table that joins the two say exactly what is `wanted`: owner's key → the values of `key` of those rows
    of the team that it has. Values that nobody has link to nothing. `are_new`: these owners have no links yet.

    One document goes to the database, which finds the pairs by itself, while Python does something else.
    """
    through = _through(owner, other)
    names = {"owner": f"{owner._meta.model_name}_id", "other": f"{other._meta.model_name}_id"}
    quoted = {name: connection.ops.quote_name(column) for name, column in names.items()}
    table, others, column = (
        connection.ops.quote_name(each) for each in (through._meta.db_table, other._meta.db_table, key)
    )
    # SQLite would take the team's index, and look at all of its rows
    has_index = other._meta.get_field(key).db_index
    pairs = _PAIRS[connection.vendor].format(others=others, column=column, plus="+" if has_index else "")
    # As this database writes keys
    told = json.dumps({str(prepared(owner._meta.pk, pk)): values for pk, values in wanted.items()})
    values = [told, prepared(other._meta.get_field("team"), team)]
    with connection.cursor() as cursor:
        if not are_new:
            owners = ", ".join(["%s"] * len(wanted))
            cursor.execute(
                f"DELETE FROM {table} WHERE {quoted['owner']} IN ({owners}) "  # noqa: S608 - names of ours
                f"AND ({quoted['owner']}, {quoted['other']}) NOT IN ({pairs})",
                [*(prepared(owner._meta.pk, pk) for pk in wanted), *values],
            )
        cursor.execute(
            f"INSERT INTO {table} ({quoted['owner']}, {quoted['other']}) {pairs} ON CONFLICT DO NOTHING",
            values,
        )


# (owner, other) of a document and a team
_PAIRS = {
    "sqlite": (
        "SELECT told.key, o.id FROM json_each(%s) AS told, json_each(told.value) AS each "
        "CROSS JOIN {others} AS o WHERE {plus}o.team_id = %s AND o.{column} = each.value"
    ),
    "postgresql": (
        "SELECT told.key::uuid, o.id FROM jsonb_each(%s::jsonb) AS told, "
        "jsonb_array_elements_text(told.value) AS each (value) "
        "JOIN {others} AS o ON o.{column} = each.value WHERE o.team_id = %s"
    ),
}


def _through(owner: Any, other: Any) -> Any:
    return next(
        field for field in owner._meta.many_to_many if field.related_model is other
    ).remote_field.through


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


def _column(field: Any, values: Sequence[Any]) -> list[Any]:
    """A field's values as the driver takes them. Most are texts, and need nothing; most moments come many times."""
    # The connection itself, and not the proxy in front of it, which would be asked many times for each value
    database = connections[connection.alias]
    if isinstance(field, models.CharField | models.TextField):
        return [each if type(each) is str else field.get_db_prep_save(each, database) for each in values]
    if isinstance(field, models.JSONField | models.BinaryField):
        return [field.get_db_prep_save(each, database) for each in values]
    known = {each: field.get_db_prep_save(each, database) for each in set(values)}
    return [known[each] for each in values]


def _insert(fields: Sequence[Any], rows: Sequence[Sequence[Any]]) -> None:
    """A page of Apple's to a statement: SQLite lets go of the interpreter at each, and those that read Apple's
    answers take it."""
    table, *columns = _names(fields)
    start = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of ours
    place = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        at_once = _values_at_once() // len(columns)
        for first in range(0, len(rows), at_once):
            some = rows[first : first + at_once]
            cursor.execute(start + ", ".join([place] * len(some)), list(chain.from_iterable(some)))


def _values_at_once() -> int:
    """Django takes less of SQLite than it gives since its 3.32."""
    if connection.vendor != "sqlite":
        return VALUES_AT_ONCE
    most: int = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    return min(VALUES_AT_ONCE, most)


def _names(fields: Sequence[Any]) -> list[str]:
    """Of the table and of the columns, quoted."""
    names = [fields[0].model._meta.db_table, *(field.column for field in fields)]
    return [connection.ops.quote_name(name) for name in names]
