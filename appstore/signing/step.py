"""The step that looks at Apple and then knows what the others are: `{"do": "ensure-signing", …}`."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from appstore.changes.doing import Doing
from appstore.changes.refusals import NotEnsuredError
from appstore.models import App, Certificate, Policy
from appstore.profile_types import types_of
from appstore.signing.facts import facts_of
from appstore.signing.freeze import refuse_frozen_app
from appstore.signing.look import look
from appstore.signing.planner import Plan, plan
from appstore.signing.slots import DISTRIBUTIONS
from credentials.models import Credential
from organizations.actors import SYSTEM

Step = dict[str, Any]
PLANNED, PLANNED_UNDER = (
    "planned",
    "planned_under",
)  # in the run's cursor: the steps, and the fence of their worker


def ensure_signing_step(doing: Doing, step: Step) -> None:
    """`app`: its id; `distribution`; `allowed`: the policy when it was ordered; `days` that things have to last. The
    steps that it finds to be needed are taken by the same run. Raises NotEnsuredError."""
    found = _plan(doing, step)
    if found.problems:
        raise NotEnsuredError(" ".join(found.problems))
    words = f"{step['name']}, {DISTRIBUTIONS[step['distribution']]}"
    count = len(found.steps)
    said = f"Looked at Apple for {words}: {count} step{'' if count == 1 else 's'} to take."
    if not count:
        used = ", ".join(line.what for line in found.lines)
        said = f"Looked at Apple for {words}: everything is there. {used}."
    with doing.done(said, wrote=False):
        _keep(doing, found.steps)


def _plan(doing: Doing, step: Step) -> Plan:
    app = App.objects.select_related("organization__parent").filter(pk=step["app"]).first()
    if app is None:
        raise NotEnsuredError("The app was removed meanwhile.")
    refuse_frozen_app(app)
    allowed = least(Policy(step["allowed"]), app.policy_choice)
    if not allowed.writes:
        raise NotEnsuredError("The app's policy was changed meanwhile, and allows no changes any more.")
    seen = look(doing, app, types_of(app.platform)[step["distribution"]])
    # As CredHub: whoever ordered it was asked for asset:manage, and sees what the organization has.
    facts = facts_of(SYSTEM, app, step["distribution"], doing.team, seen)
    return plan(facts, allowed, timezone.now(), timedelta(days=step.get("days", 0)))


def least(one: Policy, other: Policy) -> Policy:
    order = list(Policy)
    return min(one, other, key=order.index)


def _keep(doing: Doing, steps: list[Step]) -> None:
    """In the place of those that are not done yet."""
    done = len(doing.report) - len(doing.run.order["steps"])
    kept = doing.run.cursor.get(PLANNED, [])[: max(0, done)]
    doing.run.cursor[PLANNED] = [*kept, *steps]
    doing.run.cursor[PLANNED_UNDER] = doing.run.fence


# A run that somebody else began


def is_stale(doing: Doing) -> bool:
    """Another worker made the plan; who knows what happened at Apple since."""
    return bool(doing.run.cursor.get(PLANNED)) and doing.run.cursor[PLANNED_UNDER] != doing.run.fence


def plan_again(doing: Doing, step: Step) -> bool:
    """Look once more, and go on by a new plan. False: the step that is under way has to be ended first, because it
    has been begun at Apple. Raises NotEnsuredError."""
    if {"asked_at", "deleted"} & doing.memory.keys():
        return False
    found = _plan(doing, doing.run.order["steps"][0])
    request = _request(doing)
    if request is not None and doing.memory.get("sent") and _is_made(doing, request):
        return False
    if found.problems:
        raise NotEnsuredError(" ".join(found.problems))
    goes_on = bool(found.steps) and found.steps[0]["do"] == step["do"] == "create-certificate"
    with doing.run.commit():
        _keep(doing, found.steps)
        if not goes_on:
            doing.run.cursor["memory"] = {}
            if request is not None and not request.is_archived:
                request.archive(doing.actor)  # nothing was made for it, and nothing will be
    return True


def _request(doing: Doing) -> Credential | None:
    known = doing.memory.get("request")
    return doing.team.organization.credentials.filter(pk=known).first() if known else None


def _is_made(doing: Doing, request: Credential) -> bool:
    rows = Certificate.objects.filter(team=doing.team, gone_at=None, public_key_sha256=request.identifier)
    return rows.exists()
