"""Writing one page of Apple's objects: only rows that are new or changed, in a constant number of queries."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from appstore import history, many_rows
from appstore.collections import Collection
from appstore.models import Certificate, DeveloperTeam, SyncRun
from appstore.models.apple_objects import AppleObject
from credentials.parsing.certificate import parse_certificate
from credentials.parsing.errors import ParsingError

# Set by us, and no part of what Apple says of an object
_OURS = {"missing_generation", "gone_at"}


@dataclass
class PageCounts:
    """How a collection went so far; `total` is Apple's own figure, where it gives one."""

    seen: int = 0
    created: int = 0
    changed: int = 0
    gone: int = 0
    held: int = 0
    total: int | None = None

    def __iadd__(self, other: "PageCounts") -> "PageCounts":
        self.seen += other.seen
        self.created += other.created
        self.changed += other.changed
        return self

    def as_dict(self) -> dict[str, int | None]:
        return asdict(self)


@dataclass
class Written:
    """The rows that are new, and those that differed."""

    counts: PageCounts
    new: list[Any]
    changed: list[Any]


def stored_without_files(collection: Collection, team: DeveloperTeam) -> models.QuerySet[Any]:
    rows = collection.model._default_manager.filter(team=team)
    return rows.defer(collection.file) if collection.file else rows


def write_page(
    run: SyncRun,
    collection: Collection,
    rows: Iterable[dict[str, Any]],
    *,
    is_first: bool,
    more: Callable[[dict[str, Any]], dict[str, Any]] = lambda _row: {},
) -> Written:
    """Insert what is new and update what differs; what is there and the same is only read.

    `rows`: as `collection.row` makes them. `more`: what is to stand in a new one beside that.

    `is_first`: the team's first sync, in which everything is new and nobody asks for a history of that.
    """
    team = run.mirrored_team
    limits = {each.name: each.max_length for each in collection.model._meta.fields if each.max_length}
    by_id = {row["apple_id"]: _cut(row, limits) for row in rows}
    there, touched = _stored(collection, team, by_id)
    now = timezone.now()
    ours = {"team_id": team.pk, "first_seen_at": now, "changed_at": now}
    new = many_rows.insert(
        collection.model,
        [ours | row | more(row) for apple_id, row in by_id.items() if apple_id not in there],
    )
    changed, back, columns = [], [], set[str]()
    log = history.History(team, run, collection)
    for row in touched:
        differs = _apply(row, by_id[row.apple_id])
        if row.gone_at is not None:
            back.append(row)
        if row.missing_generation is not None or row.gone_at is not None:
            row.missing_generation = row.gone_at = None
            columns |= _OURS
        elif not differs:
            continue
        if differs:
            row.changed_at = now
            columns |= {*differs, "changed_at"}
            log.changed(row, differs)
        changed.append(row)
    manager = collection.model._default_manager
    if changed:
        manager.bulk_update(changed, sorted(columns), batch_size=100)
    if not is_first:
        log.new(new)
    log.back(back)
    log.save()
    if collection.model is Certificate:
        _learn_team(team, by_id.values())
    return Written(PageCounts(seen=len(by_id), created=len(new), changed=len(changed)), new, changed)


def _stored(
    collection: Collection, team: DeveloperTeam, by_id: dict[str, dict[str, Any]]
) -> tuple[set[str], list[AppleObject]]:
    """Apple's ids of those that are here, and the rows of those that are not as Apple says.

    With the columns that are compared and no others: files and what they name are large. Most are as Apple says, and
    no object is made of them.
    """
    compared = sorted({name for row in by_id.values() for name in row} - {"apple_id"})
    rows = collection.model._default_manager.filter(team=team, apple_id__in=list(by_id)).order_by()
    there, touched = set(), []
    for apple_id, missing, gone_at, *values in rows.values_list(
        "apple_id", "missing_generation", "gone_at", *compared
    ):
        there.add(apple_id)
        told, have = by_id[apple_id], zip(compared, values, strict=True)
        if (
            missing is not None
            or gone_at
            or any(name in told and _plain(value) != told[name] for name, value in have)
        ):
            touched.append(apple_id)
    if not touched:
        return there, []
    names = {"pk", "team_id", "apple_id", "name", "changed_at", *_OURS, *compared}
    return there, list(rows.filter(apple_id__in=touched).only(*names))


def _cut(row: dict[str, Any], limits: dict[str, int]) -> dict[str, Any]:
    """Texts no longer than their columns: PostgreSQL would refuse the whole page."""
    return {name: value[: limits[name]] if isinstance(value, str) and name in limits else value
            for name, value in row.items()}  # fmt: skip


def _apply(stored: models.Model, row: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set what differs. Returns the columns that did, with what was there and what is now."""
    differs = {}
    for name, value in row.items():
        have = _plain(getattr(stored, name))
        if have != value:
            setattr(stored, name, value)
            differs[name] = (have, value)
    return differs


def _plain(value: Any) -> Any:
    """PostgreSQL's files as bytes."""
    return bytes(value) if isinstance(value, memoryview) else value


def _learn_team(team: DeveloperTeam, rows: Iterable[dict[str, Any]]) -> None:
    """Apple tells a team's id and name only inside its certificates."""
    if team.team_id:
        return
    for row in rows:
        try:
            facts = parse_certificate(row.get("certificate_content") or b"")
        except ParsingError:
            continue
        if facts.team_id:
            team.learn(facts.team_id, facts.organization)
            return
