"""The syncs of an organization: what ran, when, and how it ended."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from appstore.changes.again import left_to_do, order_again, ordered_again
from appstore.changes.perform import steps_of
from appstore.changes.refusals import FrozenError
from appstore.changes.words import step_words
from appstore.collections import COLLECTIONS
from appstore.models import App, AppStoreConnectKey, ObjectChange, SyncRun
from organizations.actors import Actor
from organizations.listing import Filter, Spec, listing
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

SPEC = Spec(
    search=["team__name", "team__team_id"],
    sorts={"when": "created_at", "state": "state"},
    default_sort="-when",
    filters=[
        Filter("state", "State", SyncRun.State.choices, lambda rows, value: rows.filter(state=value)),
        Filter("kind", "Kind", SyncRun.Kind.choices, lambda rows, value: rows.filter(kind=value)),
    ],
)


def _runs(request: AppRequest, organization: Organization) -> Any:
    runs = SyncRun.objects.for_actor(request.actor, Permission.ASSET_VIEW).visible_in(organization)
    keys = AppStoreConnectKey.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW)
    return runs.select_related("team", "requested_by").with_keys(keys.visible_in(organization))


@require_safe
@organization_page(Permission.ASSET_VIEW)
def sync_list(request: AppRequest, organization: Organization) -> HttpResponse:
    return render(
        request, "appstore/syncs.html", {"listing": listing(request, _runs(request, organization), SPEC)}
    )


CHANGES_SHOWN = 200


@require_safe
@organization_page(Permission.ASSET_VIEW)
def sync_page(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    run = get_object_or_404(_runs(request, organization), pk=pk)
    refused = run.cursor.get("refused", {})
    rows = [
        (each.label, run.counts.get(each.name), refused.get(each.name, ""))
        for each in COLLECTIONS.values()
        if each.name in run.counts or each.name in refused
    ]
    changes = run.changes.order_by("collection", "what", "name", "pk")
    shown = list(changes[:CHANGES_SHOWN])
    context = {
        "run": run,
        "rows": rows,
        "changes": shown,
        "there": _there(request.actor, shown),
        "more_changes": max(0, changes.count() - CHANGES_SHOWN),
        "report": report_of(run),
        "app": _app_of(request.actor, organization, run),
        **_again(request, organization, run),
        "is_first": run.cursor.get("is_first", False),
    }
    return render(request, "appstore/sync.html", context)


def _there(actor: Actor, changes: list[ObjectChange]) -> set[UUID]:
    """Of what is named, that which CredHub still has a page of. A query for each collection."""
    found: set[UUID] = set()
    for name in {change.collection for change in changes} & COLLECTIONS.keys():
        model: Any = COLLECTIONS[name].model
        ids = [change.object_id for change in changes if change.collection == name]
        rows = model.objects.for_actor(actor, Permission.ASSET_VIEW).filter(pk__in=ids)
        found.update(rows.order_by().values_list("pk", flat=True))
    return found


def _app_of(actor: Actor, organization: Organization, run: SyncRun) -> App | None:
    """Whose signing the run ensures, while it is an app of this organization."""
    asked = [step["app"] for step in run.order.get("steps", []) if step["do"] == "ensure-signing"]
    if not asked:
        return None
    apps = App.objects.for_actor(actor, Permission.ASSET_VIEW).filter(organization=organization)
    return apps.filter(pk=asked[0]).first()


def _again(request: AppRequest, organization: Organization, run: SyncRun) -> dict[str, Any]:
    """Whether it can be tried again by who looks at it, and what that would do; or the run that has done so."""
    if run.kind != SyncRun.Kind.CHANGE:
        return {"may_retry": run.can_be_retried and request.actor.can(Permission.SYNC_RUN, organization)}
    if not run.can_be_retried:
        return {}
    again = ordered_again(run)
    is_own = run.organization_id == organization.pk
    may = is_own and again is None and request.actor.can(Permission.ASSET_MANAGE, organization)
    return {"again": again, "may_retry": may, "left": [step_words(step) for step in left_to_do(run)]}


def report_of(run: SyncRun) -> list[tuple[str, str]]:
    """Each step of a change: a state (done, refused, now, todo), and what it did or is to do."""
    told = run.cursor.get("report", [])
    lines = [("done" if line["ok"] else "refused", line["said"]) for line in told]
    waiting = steps_of(run)[len(lines) :]
    for number, step in enumerate(waiting):
        state = "now" if number == 0 and run.is_active else "todo" if run.is_active else "not done"
        lines.append((state, step_words(step)))
    return lines


@require_POST
@organization_page(Permission.SYNC_RUN)
def retry_sync(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """Ask once more for what failed: a new run, with the same key where one was chosen."""
    runs = SyncRun.objects.for_actor(request.actor, Permission.SYNC_RUN).visible_in(organization)
    run = get_object_or_404(runs.select_related("team__organization", "key__credential__organization"), pk=pk)
    if not run.can_be_retried:
        messages.error(request, "It has not failed, so there is nothing to try again.")
        return redirect("sync", slug=organization.slug, pk=run.pk)
    if run.kind == SyncRun.Kind.CHANGE:
        if run.organization_id != organization.pk:
            raise PermissionDenied("What is shared is changed at Apple by its owner only.")
        try:
            again = order_again(request.actor, run)
        except FrozenError as error:
            messages.error(request, str(error))
            return redirect("sync", slug=organization.slug, pk=run.pk)
    elif run.kind == SyncRun.Kind.CHECK and run.key is not None:
        again = SyncRun.request_check(request.actor, run.key, SyncRun.Trigger.MANUAL)
    else:
        again = SyncRun.request_sync(request.actor, run.mirrored_team, SyncRun.Trigger.MANUAL, run.key)
    messages.success(request, "Asked for once more.")
    return redirect("sync", slug=organization.slug, pk=again.pk)
