"""Requests to see a secret: the list of an organization, and the second person's answer."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from credentials.kinds import form_label
from credentials.models import RevealRequest
from credentials.models.reveal_request import RequestEndedError
from organizations.fresh import fresh_authentication_required
from organizations.listing import Spec, listing
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

SPEC = Spec(
    search=["credential__name", "requested_by__email", "reason"],
    sorts={"when": "created_at"},
    default_sort="-when",
)


def _requests(request: AppRequest, organization: Organization) -> Any:
    """Those about the organization's own credentials; a root sees its sub-organizations' too."""
    rows = RevealRequest.objects.for_actor(request.actor, Permission.CREDENTIAL_REVEAL).filter(
        Q(credential__organization=organization) | Q(credential__organization__parent=organization)
    )
    people = ("requested_by", "approved_by", "refused_by")
    return rows.select_related("credential__organization__parent", *people).defer("credential__secret")


@require_safe
@organization_page(Permission.CREDENTIAL_REVEAL)
def approvals(request: AppRequest, organization: Organization) -> HttpResponse:
    rows = listing(request, _requests(request, organization), SPEC)
    for row in rows.page:
        row.asked_for = form_label(row.credential, row.what)
    return render(request, "credentials/approvals.html", {"listing": rows})


@require_POST
@organization_page(Permission.CREDENTIAL_REVEAL)
def decide(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """Approve or turn down. Approving takes fresh authentication, as seeing the secret does."""
    rows = _requests(request, organization).filter(credential__organization=organization)
    asked = get_object_or_404(rows, pk=pk)
    approve = request.POST.get("decision") == "approve"
    done = redirect("approvals", slug=organization.slug)
    if approve and (answer := fresh_authentication_required(request, organization, back_to=done["Location"])):
        return answer
    try:
        (asked.approve if approve else asked.refuse)(request.actor)
    except RequestEndedError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, "Approved. It can be used once, within an hour." if approve else "Turned down."
        )
    return done
