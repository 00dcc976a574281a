"""How a view gets at one credential of the page's organization."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404

from credentials.models import Credential
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.requests import AppRequest


def visible_credential(request: AppRequest, organization: Organization, pk: Any) -> Credential:
    """A credential that this organization's list shows. 404 for any other, as for one that does not exist."""
    reachable = Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW, Q(pk=pk))
    rows = reachable.visible_in(organization)
    return get_object_or_404(rows.select_related("organization__parent"))


def owned_credential(
    request: AppRequest, organization: Organization, pk: Any, permission: Permission
) -> Credential:
    """One that the organization owns and on which the actor holds the permission.

    What the root shares is seen here and changed there only: 403, whatever the actor may do at the root.
    """
    credential = visible_credential(request, organization, pk)
    if credential.organization_id != organization.pk:
        raise PermissionDenied(
            f"{credential.organization} shares this credential: it can be used here, and changed only there."
        )
    request.actor.require(permission, organization)
    return credential
