"""The HTTP headers that tell time (RFC 9110 §10.2.3 and §6.6.1)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 24 * 60 * 60


def http_date(value: str) -> datetime | None:
    """An HTTP date as aware UTC, None for anything else."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def retry_after_seconds(headers: Mapping[str, str]) -> int | None:
    """`Retry-After` in seconds, whether written as seconds or as a date; None when absent or absurd.

    More than a day is absurd: Apple's App Store *Server* API writes milliseconds since 1970 into this header.
    """
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "").strip()
    if value.isascii() and value.isdigit():
        seconds = int(value[:20])
    else:
        until = http_date(value)
        if until is None:
            return None
        seconds = max(0, round((until - datetime.now(UTC)).total_seconds()))
    return seconds if seconds <= _LONGEST else None
