"""After a complete list: what Apple does not list any more. Missed twice in a row is gone; too much at once is asked.

https://developer.apple.com/forums/thread/704366 shows a list that ended early and looked whole, which is why one list
proves nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from appstore.collections import Collection
from appstore.history import History
from appstore.models import AppStoreConnectKey, Certificate, DeveloperTeam, HeldSweep, SyncRun
from appstore.models.apple_objects import AppleObject
from appstore.models.held_sweep import Answer

BELIEVED_SHARE, BELIEVED_ROWS = 0.2, 5
PURGED_AFTER = timedelta(days=30)
AT_ONCE = 500
HISTORY_READS = ("pk", "apple_id", "name")


@dataclass(frozen=True)
class Swept:
    gone: int = 0
    held: int = 0


def sweep(run: SyncRun, key: AppStoreConnectKey, collection: Collection, seen: set[str]) -> Swept:
    """`seen`: Apple's ids of a complete list. To be called within the run's commit."""
    rows: Any = collection.model._default_manager.filter(team=run.team, gone_at=None).order_by()
    kept = _kept(run, collection)
    live = list(rows.values_list("apple_id", "missing_generation", *_kinds(collection)))
    shown = _shown_kinds(key, collection, live, seen)
    unseen = [
        (apple_id, missing)
        for apple_id, missing, *kinds in live
        if apple_id not in seen and (shown is None or tuple(kinds) in shown)
    ]
    for some in _in_parts([apple_id for apple_id, missing in unseen if missing is None]):
        rows.filter(apple_id__in=some).update(missing_generation=run.generation)
    doomed = [
        apple_id for apple_id, missing in unseen if missing is not None and kept < missing < run.generation
    ]
    _purge(run, collection)
    if doomed and _is_too_much(len(doomed), len(live)):
        HeldSweep.objects.update_or_create(
            team=run.team,
            collection=collection.name,
            answer=Answer.NONE,
            defaults={"generation": run.generation - 1, "missing": len(doomed), "total": len(live)},
        )
        return Swept(held=len(doomed))
    HeldSweep.objects.open().filter(team=run.team, collection=collection.name).delete()
    for some in _in_parts(doomed):
        mark_gone(
            run.mirrored_team, run, collection, list(rows.filter(apple_id__in=some).only(*HISTORY_READS))
        )
    return Swept(gone=len(doomed))


def mark_gone(
    team: DeveloperTeam, run: SyncRun | None, collection: Collection, rows: list[AppleObject]
) -> None:
    """`run`: the sync that found it out; None when somebody said so."""
    now = timezone.now()
    pks = [row.pk for row in rows]
    for start in range(0, len(pks), AT_ONCE):
        collection.model._default_manager.filter(pk__in=pks[start : start + AT_ONCE]).update(gone_at=now)
    history = History(team, run, collection)
    history.gone(rows)
    history.save()


def _is_too_much(doomed: int, live: int) -> bool:
    return doomed == live or (doomed > BELIEVED_ROWS and doomed > live * BELIEVED_SHARE)


def _kept(run: SyncRun, collection: Collection) -> int:
    """The generation up to which somebody said that what is missing is to be kept."""
    kept = HeldSweep.objects.filter(team=run.team, collection=collection.name, answer=Answer.KEEP)
    return max(kept.values_list("generation", flat=True), default=0)


def _kinds(collection: Collection) -> list[str]:
    return ["certificate_type"] if collection.model is Certificate else []


def _in_parts(apple_ids: list[str]) -> Iterator[list[str]]:
    return (apple_ids[start : start + AT_ONCE] for start in range(0, len(apple_ids), AT_ONCE))


def _shown_kinds(
    key: AppStoreConnectKey, collection: Collection, live: list[tuple[Any, ...]], seen: set[str]
) -> set[tuple[str, ...]] | None:
    """The types of which the key's list proves anything; None: all of them.

    To less than an Admin Apple shows certificates of some types only, and those of others are not gone.
    """
    if collection.model is not Certificate or key.capabilities.get("users") is True:
        return None
    return {tuple(kinds) for apple_id, _missing, *kinds in live if apple_id in seen}


def _purge(run: SyncRun, collection: Collection) -> None:
    old: Any = collection.model._default_manager.filter(
        team=run.team, gone_at__lt=timezone.now() - PURGED_AFTER
    )
    if collection.file:
        old = old.defer(collection.file)
    rows = list(old)
    if rows:
        history = History(run.mirrored_team, run, collection)
        history.purged(rows)
        history.save()
        collection.model._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
