"""The activity log."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from organizations.audit import Action
from organizations.listing import Filter, Spec, listing
from organizations.models import AuditEvent, Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

SPEC = Spec(
    search=["actor_label", "subject_label"],
    sorts={"when": "created_at"},
    default_sort="-when",
    filters=[
        Filter(
            "action",
            "Action",
            [(action.value, action.label) for action in Action],
            lambda rows, value: rows.filter(action=value),
        ),
        Filter(
            "actor",
            "Who",
            [("people", "People"), ("credhub", "CredHub itself")],
            lambda rows, value: (
                rows.exclude(actor_user=None) if value == "people" else rows.filter(actor_user=None)
            ),
        ),
    ],
)


@require_safe
@organization_page(Permission.ACTIVITY_VIEW)
def activity(request: AppRequest, organization: Organization) -> HttpResponse:
    """The organization's events; a root shows those of its sub-organizations too."""
    events = AuditEvent.objects.for_actor(request.actor, Permission.ACTIVITY_VIEW).filter(
        Q(organization=organization) | Q(organization__parent=organization)
    )
    rows = listing(request, events.select_related("organization"), SPEC)
    return render(request, "organizations/activity.html", {"listing": rows})
