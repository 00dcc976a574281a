"""What a sync changed, object by object: written in the commit that changes it."""

from collections.abc import Iterable, Mapping
from typing import Any

from appstore.collections import Collection
from appstore.models import DeveloperTeam, ObjectChange, SyncRun, What
from appstore.models.apple_objects import AppleObject

LONGEST = 200
# Values that follow from others, or that are files: that they are other ones is all there is to say
_UNTOLD = {"contents", "sha1", "sha256", "public_key_sha256", "certificates_last_until", "udid_key"}


class History:
    """Collects the changes of one commit; `save()` writes them in one query."""

    def __init__(self, team: DeveloperTeam, run: SyncRun | None, collection: Collection) -> None:
        self._team, self._run, self._collection = team, run, collection
        self._rows: list[ObjectChange] = []

    def new(self, things: Iterable[AppleObject]) -> None:
        self._add(things, What.NEW)

    def back(self, things: Iterable[AppleObject]) -> None:
        self._add(things, What.BACK)

    def gone(self, things: Iterable[AppleObject]) -> None:
        self._add(things, What.GONE)

    def purged(self, things: Iterable[AppleObject]) -> None:
        self._add(things, What.PURGED)

    def changed(self, thing: AppleObject, differs: Mapping[str, tuple[Any, Any]]) -> None:
        told = {
            name: [_text(before), _text(after)]
            for name, (before, after) in differs.items()
            if name not in _UNTOLD
        }
        if told:
            self._add([thing], What.CHANGED, told)

    def save(self) -> None:
        ObjectChange.objects.bulk_create(self._rows, batch_size=500)
        self._rows = []

    def _add(self, things: Iterable[AppleObject], what: What, fields: dict[str, Any] | None = None) -> None:
        self._rows += [
            ObjectChange(
                team=self._team,
                run=self._run,
                collection=self._collection.name,
                object_id=thing.pk,
                apple_id=thing.apple_id,
                name=thing.name,
                what=what,
                fields=fields or {},
            )
            for thing in things
        ]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, list):
        return ", ".join(map(str, value))[:LONGEST]
    return str(value)[:LONGEST]
