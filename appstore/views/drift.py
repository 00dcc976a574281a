"""The drift report, and the answer to a held sweep."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from appstore import drift, holds, slots
from appstore.models import AppStoreConnectKey, DeveloperTeam, HeldSweep
from appstore.models.held_sweep import Answer
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_safe
@organization_page(Permission.ASSET_VIEW)
def drift_report(request: AppRequest, organization: Organization) -> HttpResponse:
    see = DeveloperTeam.objects.for_actor(request.actor, Permission.ASSET_VIEW)
    teams = list(see.visible_in(organization).select_related("organization"))
    keys = AppStoreConnectKey.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW)
    context = {
        "held": drift.held(teams),
        "sections": drift.report(teams, keys.visible_in(organization).live()),
        "slots": slots.slots_of(teams),
        "many_teams": len(teams) > 1,
    }
    return render(request, "appstore/drift.html", context)


@require_POST
@organization_page(Permission.CREDENTIAL_MANAGE)
def answer_hold(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """Continue: what is missing is gone. Keep: it stays as it is, and is not asked about again."""
    rows = HeldSweep.objects.for_actor(request.actor, Permission.CREDENTIAL_MANAGE).open()
    hold = get_object_or_404(rows.filter(team__organization=organization), pk=pk)
    is_gone = request.POST.get("answer") == Answer.CONTINUE
    with transaction.atomic():
        count = holds.answer(request.actor, hold, Answer.CONTINUE if is_gone else Answer.KEEP)
    messages.success(request, f"{count} marked as gone." if is_gone else f"{count} kept as they are.")
    return redirect("drift", slug=organization.slug)
