"""What `make test` leaves out on SQLite, to end within five minutes on two cores: the same test once more for somebody
or something of the same sort, and drills that take whole machines for half a minute.

All of it is seen on PostgreSQL (`make test-services`), and on SQLite by `make test-thorough`.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection


def first_of(values: Iterable[Any], *, count: int = 1) -> list[Any]:
    """For `parametrize`: all but the first `count` are for thorough runs. Tuples are several arguments."""
    listed = [each if isinstance(each, tuple) else (each,) for each in values]
    return [
        pytest.param(*each, marks=pytest.mark.thorough if place >= count else ())
        for place, each in enumerate(listed)
    ]


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In place, and only where nobody asked for them."""
    if connection.vendor != "sqlite" or "thorough" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("thorough")]
