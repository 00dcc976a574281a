"""One slot of an app: what may go in it, what was chosen, and a choice taken back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from appstore.models import App, Assignment
from appstore.signing.assets import assets_of
from appstore.signing.choices import choices_of
from appstore.signing.overview import resolved_of
from appstore.signing.slots import Slot, slots_of
from appstore.views.apps.one import app_of
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ASSET_MANAGE)
def app_slot(request: AppRequest, organization: Organization, pk: Any, slot: str) -> HttpResponse:
    """POST: `choose` one of what fits; `unpin` or `default` one that was chosen."""
    app = app_of(request, organization, pk, Permission.ASSET_MANAGE)
    place = slots_of(app.platform, app.extensions).get(slot)
    if place is None:
        raise Http404("There is no such slot.")
    assets = assets_of(request.actor, app)
    choices = choices_of(assets, place)
    error = ""
    if request.method == "POST":
        chosen = next((each for each in choices if each.value == request.POST.get("choose")), None)
        if chosen is not None:
            Assignment.pin(request.actor, app, slot, credential=chosen.credential, profile=chosen.profile)
            messages.success(request, f"“{chosen.name}” is what {app.name} uses now.")
        elif not (said := _change_pin(request, app, place)):
            error = "Choose one of these. What you chose before is gone, or does not fit any more."
        else:
            messages.success(request, said)
        if not error:
            return redirect("app", slug=organization.slug, pk=app.pk)
    context = {
        "app": app,
        "slot": place,
        "choices": choices,
        "error": error,
        "resolved": resolved_of(request.actor, assets, place),
    }
    return render(request, "appstore/apps/slot.html", context, status=400 if error else 200)


def _change_pin(request: AppRequest, app: App, slot: Slot) -> str:
    """What was done; "" when there is no such choice."""
    pins = Assignment.objects.for_actor(request.actor, Permission.ASSET_MANAGE)
    named = request.POST.get("unpin") or request.POST.get("default") or ""
    pin = next(
        (each for each in pins.filter(app=app, slot=slot.name).select_related("app__organization__parent")
         if str(each.pk) == named), None,
    )  # fmt: skip
    if pin is None:
        return ""
    if "unpin" in request.POST:
        pin.unpin(request.actor)
        return "Taken back. What fits best is used in its place."
    pin.make_default(request.actor)
    return "That is the default now."
