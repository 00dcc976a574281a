"""A whole list, also where Apple makes that hard: pages that are too heavy for it, and cursors that it refuses."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from .errors import AppStoreConnectError, CursorRefused
from .paging import Page, walk

MAX_LIMIT = 200
SMALLER = (100, 50, 20)

Params = Mapping[str, str | int]


def listing(
    ask: Callable[[Params], Page],
    follow: Callable[[str], Page],
    limit: int,
    start_url: str | None,
    seen: Collection[str],
) -> Iterator[Page]:
    """All pages, each object once. `ask` gets the first page, with these parameters; see `paging.walk`.

    A page that is too much starts the list again with smaller ones: only the first one's size can be chosen.
    A saved link without the ids `seen` before it is not left in this way, nor when it is refused itself.
    """
    given = set(seen)
    total: int | None = None
    for size in (limit, *(size for size in SMALLER if size < limit)):
        begun = start_url is None
        try:
            for page in walk(partial(ask, {"limit": size}), follow, start_url, seen):
                begun, total = True, page.total
                yield _news(page, given)
        except CursorRefused as refused:
            if not begun:
                raise
            yield _news(_from_both_ends(ask, total, refused), given)
            return
        except AppStoreConnectError as error:
            if not error.too_much or size <= SMALLER[-1] or (start_url and not seen):
                raise
        else:
            return
        start_url, seen = None, ()


def _news(page: Page, given: set[str]) -> Page:
    """The page without the objects that were given already."""
    fresh = [item for item in page.data if item["id"] not in given]
    given |= {item["id"] for item in fresh}
    return replace(page, data=fresh)


def _from_both_ends(ask: Callable[[Params], Page], total: int | None, refused: CursorRefused) -> Page:
    """All of a list in one page, put together without a cursor: as Apple sorts it, and turned round.

    That reaches twice the largest page; `refused` is raised where it is not enough.
    """
    data: dict[str, dict[str, Any]] = {}
    included: list[dict[str, Any]] = []
    for sort in ("id", "-id"):
        if total is not None and total > 2 * MAX_LIMIT:
            break
        page = ask({"limit": MAX_LIMIT, "sort": sort})
        data |= {item["id"]: item for item in page.data}
        included += page.included
        total = page.total
        if total is not None and len(data) >= total:
            return replace(page, data=list(data.values()), included=included, next_url=None, complete=True)
    raise refused
