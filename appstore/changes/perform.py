"""Carrying out an order: step by step, each committed with its line of the report."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied

from appstore import budget, sync
from appstore.changes import bundle_ids, certificates, devices, profiles
from appstore.changes.doing import Doing, ordered_by
from appstore.changes.refusals import RefusedError
from appstore.changes.words import named
from appstore.client.errors import InvalidRequest, NotFound
from appstore.clients import client_for
from appstore.models import AppStoreConnectKey, SyncRun
from appstore.signing.freeze import refuse_frozen
from appstore.signing.step import PLANNED, ensure_signing_step, is_stale, plan_again
from organizations.permissions import Permission

STEPS: dict[str, Callable[[Doing, dict[str, Any]], None]] = {
    "create-profile": profiles.create_profile,
    "replace-profile": profiles.replace_profile,
    "delete-profile": profiles.delete_profile,
    "create-certificate": certificates.create_certificate,
    "revoke-certificate": certificates.revoke_certificate,
    "register-device": devices.register_device,
    "update-device": devices.update_device,
    "register-bundle-id": bundle_ids.register_bundle_id,
    "rename-bundle-id": bundle_ids.rename_bundle_id,
    "delete-bundle-id": bundle_ids.delete_bundle_id,
    "enable-capability": bundle_ids.enable_capability,
    "disable-capability": bundle_ids.disable_capability,
    "ensure-signing": ensure_signing_step,
}


NOT_ALLOWED = (
    "Who ordered it may not change this organization's assets any more. Somebody who may can order it again."
)


def perform(run: SyncRun, key: AppStoreConnectKey, spent: budget.Budget) -> None:
    """Raises AppStoreConnectError for what stops it, and for the first step that Apple refuses, unless the order goes
    on past those."""
    before = run.requests
    report = run.cursor.setdefault("report", [])
    actor, team = ordered_by(run), run.mirrored_team
    try:
        with client_for(key, purpose="change", gate=spent) as client:
            doing = Doing(run, key, client)
            while (step := next_step(run)) is not None:
                if not actor.can(Permission.ASSET_MANAGE, team.organization):
                    run.fail("not-allowed", NOT_ALLOWED, transient=False)
                    return
                if not (is_stale(doing) and plan_again(doing, step)):
                    _do(doing, step)
                run.requests = before + spent.requests
    except RefusedError as error:
        run.fail(error.code, str(error), transient=False)
        return
    except PermissionDenied:
        run.fail("not-allowed", NOT_ALLOWED, transient=False)
        return
    finally:
        run.requests = before + spent.requests
        if any(line["ok"] and line.get("wrote", True) for line in report):
            # What else it changed there (profiles that are invalid now) comes with a sync.
            SyncRun.request_sync(actor, team, SyncRun.Trigger.CHANGE, key=key)
    refused = [line["said"] for line in report if not line["ok"]]
    if refused:
        run.fail("refused", f"{len(refused)} of {len(report)} were refused. {refused[0]}", transient=False)
    else:
        run.succeed()


def steps_of(run: SyncRun) -> list[dict[str, Any]]:
    """Those that were ordered, and those that the run itself found to be needed."""
    return [*run.order.get("steps", []), *run.cursor.get(PLANNED, [])]


def next_step(run: SyncRun) -> dict[str, Any] | None:
    return next(iter(steps_of(run)[len(run.cursor["report"]) :]), None)


def _do(doing: Doing, step: dict[str, Any]) -> None:
    sync.require_key(doing.key)
    refuse_frozen(doing.team, [step])
    try:
        STEPS[step["do"]](doing, step)
    except (InvalidRequest, NotFound) as error:
        if not doing.run.order.get("go_on"):
            raise
        with doing.done(f"{named(step) or step['do']}: {error.message}", ok=False):
            pass
