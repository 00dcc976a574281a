"""The same test once more, for somebody or something of the same sort.

SQLite sees the first of them in `make test`; all of them are seen on PostgreSQL (`make test-services`) and by
`make test-variants`.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection


def first_of(values: Iterable[Any], *, count: int = 1) -> list[Any]:
    """For `parametrize`: all but the first `count` are variants. Tuples are several arguments."""
    listed = [each if isinstance(each, tuple) else (each,) for each in values]
    return [
        pytest.param(*each, marks=pytest.mark.variant if place >= count else ())
        for place, each in enumerate(listed)
    ]


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In place, and only where nobody asked for variants."""
    if connection.vendor != "sqlite" or "variant" in config.option.markexpr:
        return
    variants = [item for item in items if item.get_closest_marker("variant")]
    config.hook.pytest_deselected(items=variants)
    items[:] = [item for item in items if item not in set(variants)]
