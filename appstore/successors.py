"""What took the place of objects that are gone at Apple, where a change that was ordered here made it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from appstore.models import ObjectChange, SyncRun, What

_IN_PLACE_OF = ("certificates", "profiles")  # what changes make in the place of others


def successors(things: Iterable[Any]) -> dict[UUID, ObjectChange]:
    """Of those that are gone: id → how the new one came, with its name and id. One query, none where nothing is gone.

    A profile that is made anew keeps its name; a renewal makes one certificate and may revoke another.
    """
    gone = {each.pk: each.team_id for each in things if each.gone_at is not None}
    if not gone:
        return {}
    same_name = Q(collection="certificates") | Q(name=F("run__changes__name"))
    rows = ObjectChange.objects.filter(
        same_name,
        what=What.NEW,
        collection__in=_IN_PLACE_OF,
        run__kind=SyncRun.Kind.CHANGE,
        run__changes__what=What.GONE,
        run__changes__team__in=set(gone.values()),
        run__changes__object_id__in=list(gone),
        run__changes__collection=F("collection"),
    )
    return {row.replaced: row for row in rows.annotate(replaced=F("run__changes__object_id"))}
