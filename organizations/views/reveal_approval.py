"""Whether a second person agrees before anybody sees a secret."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from organizations.fresh import fresh_authentication_required
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_POST
@organization_page(Permission.CREDENTIAL_REVEAL)
def require_reveal_approval(request: AppRequest, organization: Organization) -> HttpResponse:
    """For the root and its sub-organizations, by an owner who has just shown who they are."""
    if not organization.is_root:
        raise Http404
    page = reverse("organization-settings", args=[organization.slug])
    if answer := fresh_authentication_required(request, organization, back_to=page):
        return answer
    required = request.POST.get("required") == "yes"
    organization.require_reveal_approval(request.actor, required=required)
    said = (
        "A second owner approves reveals from now on."
        if required
        else "Owners reveal on their own from now on."
    )
    messages.success(request, said)
    return redirect(page)
