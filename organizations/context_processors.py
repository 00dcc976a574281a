"""What the frame of every page shows: the organization switcher and what this person may open."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from organizations.models import Organization
from organizations.permissions import Permission


def navigation(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    organization = getattr(request, "organization", None)

    def switcher() -> list[Any]:
        if actor is None or actor.user is None:
            return []
        return list(
            Organization.objects.for_actor(actor, Permission.ORGANIZATION_VIEW)
            .family_order()
            .values("pk", "name", "slug", "parent_id")[:200]
        )

    def can() -> dict[str, bool]:
        """`can.credential_share` in templates: what the actor may do in the page's organization."""
        if actor is None or organization is None:
            return {}
        allowed = actor.permissions_in(organization)
        return {each.value.replace(":", "_"): each in allowed for each in Permission}

    return {
        "organization": organization,
        "switcher": SimpleLazyObject(switcher),
        "can": SimpleLazyObject(can),
        "identity_provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "may_open_admin": bool(actor and actor.user and actor.can_anywhere(Permission.ADMIN_ACCESS)),
    }
