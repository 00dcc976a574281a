"""How lists are cut into pages: by a cursor, so that a page neither repeats nor skips what was there all the time."""

import base64
import binascii
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from ninja import Schema
from pydantic import Field

from organizations.api import Out
from organizations.problems import ProblemError

Item = TypeVar("Item")
Rows = TypeVar("Rows", bound=QuerySet[Any])
MOST = 200


class Page(Out, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = Field(
        None, description="For `cursor` of the next request; null on the last page.", examples=["WyJ2MSJd"]
    )


class Paging(Schema):
    limit: int = Field(50, ge=1, le=MOST)
    cursor: str = Field("", max_length=200, description="`next_cursor` of the page before.")


def narrowed(rows: Rows, asked: Paging, *columns: str) -> Rows:
    """By those of these columns that the request names."""
    wanted = {column: getattr(asked, column) for column in columns}
    return rows.filter(**{column: value for column, value in wanted.items() if value})


def page_of(
    rows: QuerySet[Any], paging: Paging, show: Callable[[Any], Any], *, newest_first: bool = False
) -> dict[str, Any]:
    """By id, or by `created_at`: neither ever changes. One query."""
    ordered = rows.order_by("-created_at", "-pk") if newest_first else rows.order_by("pk")
    if paging.cursor:
        ordered = ordered.filter(_after(paging.cursor, newest_first=newest_first))
    found = list(ordered[: paging.limit + 1])
    kept = found[: paging.limit]
    is_last = len(found) <= paging.limit
    cursor = None if is_last else _cursor(kept[-1], newest_first=newest_first)
    return {"items": [show(row) for row in kept], "next_cursor": cursor}


def _cursor(row: Any, *, newest_first: bool) -> str:
    place = [row.pk.hex, row.created_at.isoformat()] if newest_first else [row.pk.hex]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _after(cursor: str, *, newest_first: bool) -> Q:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        pk = uuid.UUID(place[0])
        if not newest_first:
            return Q(pk__gt=pk)
        when = datetime.fromisoformat(place[1]).astimezone(UTC)
    except (
        ValueError,
        binascii.Error,
        TypeError,
        OverflowError,
        LookupError,
        AttributeError,
        RecursionError,
    ):
        raise ProblemError(400, "bad-request", "This cursor is not one of ours. Begin without one.") from None
    return Q(created_at__lt=when) | Q(created_at=when, pk__lt=pk)
