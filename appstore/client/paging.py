"""Apple's lists: pages, and the walk over them that always ends.

https://developer.apple.com/documentation/appstoreconnectapi/large-data-sets
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from organizations.words import clean

from .errors import UnexpectedAnswer
from .json_values import mapping
from .origin import Origin
from .rate_limit import RateLimit, parse_rate_limit
from .transport import Answer

MAX_PAGES = 1000
MAX_ID = 100


@dataclass(frozen=True, slots=True)
class Page:
    """One page as Apple sent it. `next_url` is checked to be our API's; `total` is a hint, never proof.

    `complete` is for `walk` to say.
    """

    data: list[dict[str, Any]]
    included: list[dict[str, Any]]
    next_url: str | None
    total: int | None
    rate_limit: RateLimit
    complete: bool = False


def page_from_answer(answer: Answer, origin: Origin) -> Page:
    """UnexpectedAnswer unless `data` is a list of objects with ids."""
    data = answer.document.get("data")
    if not isinstance(data, list) or not all(_is_id(mapping(item).get("id")) for item in data):
        raise UnexpectedAnswer(
            "The answer is not a list of Apple's objects. Check the configured address and proxy.", status=200
        )
    included = answer.document.get("included")
    next_url = mapping(answer.document.get("links")).get("next")
    total = mapping(mapping(answer.document.get("meta")).get("paging")).get("total")
    return Page(
        data=data,
        included=[item for item in included if isinstance(item, dict)] if isinstance(included, list) else [],
        next_url=origin.own(next_url) if isinstance(next_url, str) and next_url else None,
        total=total if isinstance(total, int) and not isinstance(total, bool) else None,
        rate_limit=parse_rate_limit(answer.rate_limits),
    )


def _is_id(value: object) -> bool:
    """Apple's are 10 letters and digits; what could not be told from another one when stored is none."""
    return isinstance(value, str) and value != "" and value == clean(value, MAX_ID)


def walk(
    first: Callable[[], Page],
    follow: Callable[[str], Page],
    start_url: str | None,
    known: Collection[str] = (),
) -> Iterator[Page]:
    """All pages, from the first or from a saved next link. UnexpectedAnswer when they go round in circles.

    The last page has no `next_url`. It is `complete` when no object came twice, and when there were as many as
    the largest `total` of all pages said, those counted that are `known` from before the saved link. Without
    these a list that began amid itself is never complete.
    """
    seen_urls, seen_ids, earlier, total = {start_url}, set[str](), set(known), 0
    is_sound = start_url is None or bool(earlier)
    page = follow(start_url) if start_url else first()
    for _ in range(MAX_PAGES):
        fresh: dict[str, dict[str, Any]] = {}
        for item in page.data:
            if item["id"] not in seen_ids:
                fresh.setdefault(item["id"], item)
        if page.next_url and not fresh:
            # Apple at times links on after the last page (FACTS E): with everything seen, that is the end.
            if page.total is None or len(seen_ids) < page.total:
                raise _circle()
            page = replace(page, data=[], included=[], next_url=None)
        if page.next_url in seen_urls and page.next_url:
            raise _circle()
        is_sound = is_sound and len(fresh) == len(page.data) and fresh.keys().isdisjoint(earlier)
        seen_ids |= fresh.keys()
        total = max(total, page.total or 0)
        is_whole = page.next_url is None and is_sound and len(seen_ids) + len(earlier) >= total
        yield replace(page, data=list(fresh.values()), complete=is_whole)
        if page.next_url is None:
            return
        seen_urls.add(page.next_url)
        page = follow(page.next_url)
    raise _circle()


def _circle() -> UnexpectedAnswer:
    return UnexpectedAnswer("Apple's list does not end: its pages repeat. Try again later.", status=200)
