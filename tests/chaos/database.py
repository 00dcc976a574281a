"""SQL past Django, from a connection that says who it is; it waits while the server is away."""

import time
from typing import Any

import psycopg
from psycopg.rows import dict_row

HARNESS = "chaos-harness"  # the application name under which nothing is the product's doing
AWAY = (psycopg.OperationalError, psycopg.InterfaceError)


class Database:
    def __init__(self, url: str, patience: float = 60.0) -> None:
        self._url, self._patience = url, patience

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """One statement in a transaction of its own; asked again while the server is away."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return self._once(query, values)
            except AWAY:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def one(self, query: str, **values: Any) -> Any:
        """The first value of the first row."""
        return next(iter(self.rows(query, **values)[0].values()))

    def _once(self, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        with psycopg.connect(self._url, application_name=HARNESS, row_factory=dict_row) as connection:
            cursor = connection.execute(query, values or None)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []
