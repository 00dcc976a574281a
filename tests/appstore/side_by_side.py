"""The same thing done by many threads at once, each with a database connection of its own."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, connections

T = TypeVar("T")


class Threads:
    """For tests with a transactional database, whose rows every connection sees.

    SQLite's in-memory test database knows no waiting for one another, so there the threads work on a copy of it
    in a file, set up as in production; read what came out with `once`.
    """

    def __init__(self, folder: Path) -> None:
        self._wrapper = type(connections["default"])
        self._settings: dict[str, Any] = deepcopy(connection.settings_dict)
        if connection.vendor == "sqlite":
            path = folder / "copy.sqlite3"
            connection.ensure_connection()
            with closing(sqlite3.connect(path)) as copy:
                connection.connection.backup(copy)
            self._settings["NAME"] = str(path)

    def at_once(self, count: int, act: Callable[[], T]) -> list[T]:
        """What each of the threads returns; they start together."""
        barrier = threading.Barrier(count)

        def started() -> T:
            barrier.wait(timeout=30)
            return act()

        with ThreadPoolExecutor(max_workers=count) as pool:
            futures = [pool.submit(self._connected, started) for _ in range(count)]
            return [future.result() for future in futures]

    def once(self, act: Callable[[], T]) -> T:
        return self.at_once(1, act)[0]

    def _connected(self, act: Callable[[], T]) -> T:
        """`connections` keeps what it holds for each thread alone."""
        own = self._wrapper(self._settings, "default")
        connections["default"] = own
        try:
            return act()
        finally:
            own.close()
