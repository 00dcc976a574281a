"""Reading Apple's JSON without trusting it: absent, null and misshapen values become "", None or ()."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from organizations.words import clean

MAX_INCLUDED = 50  # Apple's largest limit[…] for an included relationship


def mapping(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def moment(value: object) -> datetime | None:
    """Apple's `2020-02-12T13:17:50.000+0000` as aware UTC; without an offset it is taken for UTC."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def decoded(value: object) -> bytes | None:
    """The bytes of a base64 text."""
    if not isinstance(value, str) or not value:
        return None
    # Apple breaks no lines, and of a large team's files that is worth knowing
    return _bytes_of(value) or _bytes_of("".join(value.split()))


def _bytes_of(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # binascii.Error is one, and so is the refusal of characters beyond ASCII
        return None


def flag(value: object) -> bool | None:
    """True, False, or None for everything else."""
    return value if isinstance(value, bool) else None


def related_id(relationships: Mapping[str, Any], name: str) -> str | None:
    """The id of a to-one relationship."""
    return clean(mapping(mapping(relationships.get(name)).get("data")).get("id")) or None


def related_ids(relationships: Mapping[str, Any], name: str) -> tuple[tuple[str, ...], bool]:
    """The ids of a to-many relationship, and whether these are certainly all of them.

    Apple cuts an included relationship at 50 without a word. `meta.paging.total` is no help: it says 0 for
    relationships that were not included (FACTS E), so only a shorter list is known to be whole.
    """
    data = mapping(relationships.get(name)).get("data")
    if not isinstance(data, list):
        return (), False
    told = [item.get("id") for item in data if isinstance(item, dict)]
    ids = tuple(found for each in told if isinstance(each, str) and (found := _clean_id(each)))
    return ids, len(data) < MAX_INCLUDED


# A team's few hundred devices are in each of its thousands of profiles.
_clean_id = lru_cache(maxsize=4096)(clean)
