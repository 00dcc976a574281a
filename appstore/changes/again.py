"""A change that failed, ordered once more: what was not done, or refused."""

from typing import Any

from appstore.changes.doing import MADE
from appstore.changes.ordering import order
from appstore.changes.plans import Step
from appstore.models import SyncRun
from appstore.signing.step import PLANNED
from credentials.models import Credential
from organizations.actors import Actor

AGAIN = "Once more: "


def left_to_do(run: SyncRun) -> list[Step]:
    """The step that stopped it, those after it, and those that Apple refused; with the certificate that it did make."""
    steps, report = run.order.get("steps", []), run.cursor.get("report", [])
    if PLANNED in run.cursor:  # what it planned was planned for what it saw: it looks again
        return [*steps]
    refused = [step for step, line in zip(steps, report, strict=False) if not line["ok"]]
    return [_with_what_was_made(step, run.cursor.get("made")) for step in [*steps[len(report) :], *refused]]


def _with_what_was_made(step: Step, made: str | None) -> Step:
    if not made or MADE not in step.get("certificates", []):
        return step
    return step | {"certificates": [made if each == MADE else each for each in step["certificates"]]}


def order_again(actor: Actor, run: SyncRun) -> SyncRun:
    """A new run, which knows how far the step was that stopped the old one; the one that was ordered so before, where
    there is one. Raises PermissionDenied and FrozenError."""
    title = run.order["title"]
    key = run.mirrored_team.usable_keys().filter(pk=run.key_id).first() if run.key_id else None
    return order(
        actor,
        run.mirrored_team,
        title if title.startswith(AGAIN) else f"{AGAIN}{title}",
        left_to_do(run),
        key=key,
        go_on=run.order["go_on"],
        ticket=_ticket(run),
        memory=_memory(run),
    )


def ordered_again(run: SyncRun) -> SyncRun | None:
    """What `order_again` made of it."""
    return SyncRun.objects.filter(team=run.team_id, kind="CHANGE", order__ticket=_ticket(run)).first()


def _ticket(run: SyncRun) -> str:
    return f"again:{run.pk}"


def _memory(run: SyncRun) -> dict[str, Any]:
    """What the step that stopped it had noted. What it looked at is looked at again; a signing request that was
    archived when Apple refused it is no use."""
    if PLANNED in run.cursor or len(run.cursor.get("report", [])) == len(run.order["steps"]):
        return {}
    memory = dict(run.cursor.get("memory", {}))
    if not memory.get("deleted"):
        memory.pop("checked", None)
    request = memory.get("request")
    if request and not Credential.objects.live().filter(pk=request).exists():
        return {}
    return memory
