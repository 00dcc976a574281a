"""How a view gets at one of Apple's objects, as the page's organization sees it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from organizations.models import Organization
from organizations.permissions import Permission
from organizations.requests import AppRequest


def visible_object(
    request: AppRequest, organization: Organization, model: Any, pk: Any, permission: Permission
) -> Any:
    """One that this organization's lists show. 404 for any other, as for one that does not exist."""
    rows = model.objects.for_actor(request.actor, permission).visible_in(organization)
    return get_object_or_404(rows.select_related("team__organization"), pk=pk)


def owned_object(request: AppRequest, organization: Organization, model: Any, pk: Any) -> Any:
    """One that is at Apple and whose team the organization owns. What the root shares is seen here and changed there
    only: 403."""
    thing = visible_object(request, organization, model, pk, Permission.ASSET_VIEW)
    if thing.gone_at is not None:
        raise Http404
    if thing.team.organization_id != organization.pk:
        raise PermissionDenied(
            f"{thing.team.organization} shares this: it can be used here, and changed only there."
        )
    return thing
