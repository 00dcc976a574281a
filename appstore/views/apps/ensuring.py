"""Ensure the signing of an app: what would be done, and then the order for it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from appstore.changes.refusals import RefusedError
from appstore.signing.ensure import ensure_signing, plan_for, team_of
from appstore.signing.others import others_of
from appstore.signing.slots import DISTRIBUTIONS, distributions_of
from appstore.views.apps.one import app_of
from appstore.views.changing.common import keys_for
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ASSET_MANAGE)
def ensure(request: AppRequest, organization: Organization, pk: Any, distribution: str) -> HttpResponse:
    """GET: the plan by what the last sync saw. POST: a run, which looks at Apple first."""
    app = app_of(request, organization, pk, Permission.ASSET_MANAGE)
    if distribution not in distributions_of(app.platform):
        raise Http404("The platform has no such distribution.")
    try:
        if request.method == "POST":
            run = ensure_signing(request.actor, app, distribution)
            return redirect("sync", slug=organization.slug, pk=run.pk)
        team = team_of(request.actor, app)
        plan = plan_for(request.actor, app, distribution)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("app", slug=organization.slug, pk=app.pk)
    context = {
        "app": app,
        "title": DISTRIBUTIONS[distribution],
        "team": team,
        "plan": plan,
        "others": others_of(request.actor, app, team, plan),
        "has_key": keys_for(request, organization, team).exists(),
    }
    return render(request, "appstore/apps/ensure.html", context)
