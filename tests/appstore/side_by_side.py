"""The same thing done by many threads at once, each with a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def side_by_side(count: int, act: Callable[[], T]) -> list[T]:
    """What each of the threads returns; they start together. For tests with a transactional database."""
    barrier = threading.Barrier(count)

    def started() -> T:
        try:
            barrier.wait(timeout=30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=count) as pool:
        return [future.result() for future in [pool.submit(started) for _ in range(count)]]
