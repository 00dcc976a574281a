"""Somebody's answer to a held sweep: what is missing is gone, or is to be kept."""

from typing import Any

from appstore.collections import COLLECTIONS
from appstore.models import HeldSweep
from appstore.models.held_sweep import Answer
from appstore.sweeping import mark_gone
from organizations import audit
from organizations.actors import Actor


def answer(actor: Actor, hold: HeldSweep, given: Answer) -> int:
    """Returns how many objects it is about. To be called in a transaction."""
    collection = COLLECTIONS[hold.collection]
    manager: Any = collection.model._default_manager
    rows = manager.filter(team=hold.team, gone_at=None, missing_generation__lte=hold.generation)
    missing = list(rows.only("pk", "apple_id", "name"))
    hold.answer, hold.answered_by = given, actor.user
    hold.save(update_fields=["answer", "answered_by"])
    if given == Answer.CONTINUE:
        mark_gone(hold.team, None, collection, missing)
    audit.record(
        actor,
        audit.Action.SYNC_HOLD_ANSWERED,
        hold.team,
        organization=hold.team.organization,
        outcome=str(given),
        what=hold.collection,
        counts={"missing": len(missing)},
    )
    return len(missing)
