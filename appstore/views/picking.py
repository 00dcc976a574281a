"""The rows that were marked in a list."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

from organizations.requests import AppRequest

AT_ONCE = 200


def picked(request: AppRequest) -> list[UUID]:
    return uuids(request.POST.getlist("pick"))


def uuids(sent: Iterable[str]) -> list[UUID]:
    """The ids among them; anything else is left out."""
    found = []
    for each in dict.fromkeys(sent):
        with suppress(ValueError):
            found.append(UUID(each))
    return found


def cannot_begin(request: AppRequest, picks: Sequence[UUID]) -> str:
    """Why nothing can be done with so many, in words; "" when it can."""
    if not picks:
        return "Mark at least one first."
    return f"Mark at most {AT_ONCE} at once." if len(picks) > AT_ONCE else ""
