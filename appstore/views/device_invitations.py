"""Device invitations of an organization: a link is made, shown once and taken back; what came in is decided."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from appstore import invited_devices
from appstore.device_forms import DeviceInvitationForm
from appstore.models import DeviceInvitation, DeviceRequest
from appstore.qr_code import qr_image
from appstore.views.changing.common import keys_for
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ASSET_MANAGE)
@sensitive_variables("token", "link")
def device_invitations(request: AppRequest, organization: Organization) -> HttpResponse:
    """GET: what waits, and who is invited. POST: a new link, which is on this answer and nowhere else."""
    form = DeviceInvitationForm(request.POST or None, keys=keys_for(request, organization))
    if request.method != "POST" or not form.is_valid():
        return _page(request, organization, form)
    told = form.cleaned_data
    invitation, token = DeviceInvitation.make(
        request.actor,
        form.team,
        key=form.chosen,
        name=told["name"],
        uses=told["uses"],
        days=told["days"],
        at_once=form.at_once,
    )
    link = request.build_absolute_uri(reverse("device-invitation", args=[token]))
    fresh = DeviceInvitationForm(keys=keys_for(request, organization))
    return _page(request, organization, fresh, made=invitation, link=link, qr=qr_image(link))


def _page(
    request: AppRequest, organization: Organization, form: DeviceInvitationForm, **made: Any
) -> HttpResponse:
    invitations = DeviceInvitation.objects.for_actor(request.actor, Permission.ASSET_MANAGE)
    requests = DeviceRequest.objects.for_actor(request.actor, Permission.ASSET_MANAGE)
    decided = requests.filter(invitation__organization=organization).exclude(
        state=DeviceRequest.State.WAITING
    )
    open_ones = invitations.open().filter(organization=organization).select_related("team", "created_by")
    context = {
        "form": form,
        "waiting": invited_devices.waiting(request.actor, organization),
        "invitations": [each for each in open_ones[:200] if each.is_genuine],
        "decided": decided.select_related("invitation", "run").order_by("-created_at")[:20],
        **made,
    }
    return render(request, "appstore/device_invitations.html", context, status=400 if form.errors else 200)


@require_POST
@organization_page(Permission.ASSET_MANAGE)
def revoke_device_invitation(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    rows = DeviceInvitation.objects.for_actor(request.actor, Permission.ASSET_MANAGE)
    invitation = get_object_or_404(rows.filter(organization=organization, revoked_at=None), pk=pk)
    invitation.revoke(request.actor)
    messages.success(request, f"The link of “{invitation}” works no more. What came in by it is still here.")
    return redirect("device-invitations", slug=organization.slug)


@require_POST
@organization_page(Permission.ASSET_MANAGE)
def decide_device_request(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    rows = DeviceRequest.objects.for_actor(request.actor, Permission.ASSET_MANAGE)
    rows = rows.filter(invitation__organization=organization).select_related("invitation__organization")
    asked = get_object_or_404(rows, pk=pk)
    try:
        if request.POST.get("decision") == "approve":
            run = invited_devices.approve(request.actor, asked)
            return redirect("sync", slug=organization.slug, pk=run.pk)
        invited_devices.decline(request.actor, asked)
        messages.success(request, f"“{asked}” is declined. Nothing was registered.")
    except invited_devices.DecidedError:
        messages.error(request, "This was decided a moment ago, or is not genuine. Look at the list.")
    return redirect("device-invitations", slug=organization.slug)
