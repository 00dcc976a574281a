"""What is taken of what was found: shown to people, and kept until the run that stores it."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from appstore.models import ImportItem, ImportState, ImportUpload, ItemState

SHOWN = 200  # of a state, one by one: beyond, all of them are taken together or not

# In the order of the page
_HEADINGS = {
    ItemState.KEY: "Keys that do not tell what they are for",
    ItemState.NEW: "New",
    ItemState.FAILED: "Not stored",
    ItemState.STORED: "Stored",
    ItemState.DUPLICATE: "Here already",
    ItemState.LEFT: "Left out",
}


@dataclass(frozen=True)
class Line:
    item: ImportItem
    form: Any  # what a .p8 is for
    is_ticked: bool


@dataclass(frozen=True)
class Section:
    heading: str
    lines: list[Line]
    more: int
    state: str


def shown_items(items: "QuerySet[ImportItem]", forms: Mapping[Any, Any]) -> list[Section]:
    """What the page tells, a section for each state. A query for each."""
    now = timezone.now()
    sections = []
    for state, heading in _HEADINGS.items():
        rows = items.filter(state=state).select_related("credential")
        found = list(rows.defer("content", "credential__secret", "credential__facts")[: SHOWN + 1])
        lines = [
            Line(item, forms.get(item.pk), item.state == ItemState.NEW and not is_over(item, now))
            for item in found[:SHOWN]
        ]
        if lines:
            more = rows.count() - SHOWN if len(found) > SHOWN else 0
            sections.append(Section(heading, lines, more, state.value))
    return sections


def is_over(item: ImportItem, now: Any) -> bool:
    return item.expires_at is not None and item.expires_at <= now


def choose(
    upload: ImportUpload,
    ids: Iterable[str],
    said: Mapping[Any, dict[str, Any]],
    *,
    rest: bool,
    shown: int | None = SHOWN,
) -> int:
    """Keep what was ticked, what keys were said to be for, and with `rest` all that is new and was not shown. Returns
    how many are chosen. Ids of something else choose nothing. `shown`: None where all of it can be told one by one."""
    wanted = {found for each in ids if (found := _uuid(each)) is not None}
    with transaction.atomic():
        if upload.locked().state != ImportState.READ:
            return 0
        upload.items.update(chosen=False)
        new = upload.items.filter(state=ItemState.NEW)
        seen = list(new.values_list("pk", flat=True)[:shown])
        chosen = new.filter(pk__in=wanted & set(seen)).update(chosen=True)
        if rest:
            chosen += new.exclude(pk__in=seen).update(chosen=True)
        for pk, words in said.items():
            keys = upload.items.filter(pk=pk, state=ItemState.KEY)
            chosen += keys.update(chosen=True, said=words)
    return chosen


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
