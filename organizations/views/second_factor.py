"""Whether an organization requires a second factor of everybody in it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from organizations.fresh import fresh_authentication_required
from organizations.models import Organization, SecondFactorMissingError
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_POST
@organization_page(Permission.ORGANIZATION_MANAGE)
def require_second_factor(request: AppRequest, organization: Organization) -> HttpResponse:
    """For the root and its sub-organizations. Who sets it has a second factor, and has just shown who they are."""
    if not organization.is_root:
        raise Http404
    page = reverse("organization-settings", args=[organization.slug])
    if answer := fresh_authentication_required(request, organization, back_to=page):
        return answer
    required = request.POST.get("required") == "yes"
    try:
        organization.require_second_factor(request.actor, required=required)
    except SecondFactorMissingError as error:
        messages.error(request, str(error))
    else:
        said = (
            "A second factor is required from now on."
            if required
            else "A second factor is not required any more."
        )
        messages.success(request, said)
    return redirect(page)
