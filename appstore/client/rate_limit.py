"""Apple's request budget, as its answers state it.

`X-Rate-Limit: user-hour-lim:3500;user-hour-rem:500;`, at times `user-minute-…`, or two headers.
https://developer.apple.com/documentation/appstoreconnectapi/identifying-rate-limits
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ENTRY = re.compile(r"(?<![\w-])user-(hour|minute)-(lim|rem)\s*:\s*(\d{1,9})(?!\w)", re.ASCII)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Requests per key, over a rolling hour or minute; None where Apple did not say."""

    hour_limit: int | None = None
    hour_remaining: int | None = None
    minute_limit: int | None = None
    minute_remaining: int | None = None


def parse_rate_limit(values: Iterable[str]) -> RateLimit:
    """From all values of the header. Junk is skipped; of contradicting numbers the least counts."""
    found: dict[str, int] = {}
    for value in values:
        for window, what, number in _ENTRY.findall(value):
            key = f"{window}-{what}"
            found[key] = min(int(number), found.get(key, int(number)))
    return RateLimit(
        hour_limit=found.get("hour-lim"),
        hour_remaining=found.get("hour-rem"),
        minute_limit=found.get("minute-lim"),
        minute_remaining=found.get("minute-rem"),
    )
