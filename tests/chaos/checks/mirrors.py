"""What we say of Apple's objects is what Apple lists."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tests.chaos.trace import COLLECTIONS, Event, moment

Listed = Mapping[tuple[str, str], set[str]]  # team's row, collection → Apple's ids
Mirrored = Mapping[tuple[str, str], Mapping[str, bool]]  # the same → Apple's id → marked as gone?
_BY_TABLE = {table: name for name, table in COLLECTIONS.items()}


def wrong_tombstones(listed: Listed, mirrored: Mirrored) -> Iterator[str]:
    """Marked as gone, and Apple lists it (I4)."""
    for place, ids in listed.items():
        for apple_id in sorted(each for each in ids if mirrored.get(place, {}).get(each)):
            yield f"{place[1]} {apple_id} of team {place[0]} is marked as gone, and Apple lists it"


def never_mirrored(listed: Listed, mirrored: Mirrored) -> Iterator[str]:
    for place, ids in listed.items():
        for apple_id in sorted(ids - set(mirrored.get(place, {}))):
            yield f"{place[1]} {apple_id} of team {place[0]} is at Apple and not in the mirror"


def unmarked(listed: Listed, mirrored: Mirrored) -> Iterator[str]:
    """Not at Apple any more, and not marked."""
    for place, rows in mirrored.items():
        for apple_id, is_gone in sorted(rows.items()):
            if not is_gone and apple_id not in listed.get(place, set()):
                yield f"{place[1]} {apple_id} of team {place[0]} is gone at Apple and not marked"


def hasty_tombstones(events: Iterable[Event], first_removed: Mapping[str, datetime]) -> Iterator[str]:
    """Marked as gone at a moment by which Apple had never ceased to list it, whatever was repaired later."""
    for event in events:
        if event.relation not in _BY_TABLE or not event.new.get("gone_at") or event.old.get("gone_at"):
            continue
        apple_id, at = event.new["apple_id"], moment(event.new["gone_at"]) or event.at
        removed = first_removed.get(apple_id)
        if removed is None or at < removed:
            yield f"{_BY_TABLE[event.relation]} {apple_id} was marked as gone at {at:%H:%M:%S} while Apple listed it"


def tombstones(events: Iterable[Event]) -> int:
    marks = [event for event in events if event.relation in _BY_TABLE and event.new.get("gone_at")]
    return sum(not event.old.get("gone_at") for event in marks)
