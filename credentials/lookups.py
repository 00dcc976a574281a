"""A look-up for many ids at once."""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

IN_JSON = "IN (SELECT value FROM json_each(%s))"


class OneOf(In):
    """`OneOf(F("pk"), ids)` says what `pk__in=ids` says, in one parameter for however many there are: Django's own
    spends time on each of them in every query that it is part of."""

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        ids = json.dumps([each.hex for each in self.rhs])
        return f"{column} {IN_JSON}", [*params, ids]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*params, list(self.rhs)]
