"""How a page of an organization is entered: `/o/<slug>/…`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from organizations.models import Organization
from organizations.permissions import Permission
from organizations.requests import AppRequest

P = ParamSpec("P")
View = Callable[Concatenate[AppRequest, Organization, P], HttpResponseBase]


def organization_page(permission: Permission) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Find the organization of the address through the choke point and check the page's permission.

    Where a second factor is required, who has none gets a page that says so, and nothing else (403).
    Not a member: 404, the same as for an organization that does not exist. A member without the permission: 403.
    The view is called as `view(request, organization, …)`.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def page(request: AppRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            organization = get_object_or_404(
                Organization.objects.for_actor(request.actor, Permission.ORGANIZATION_VIEW).select_related(
                    "parent"
                ),
                slug=slug,
            )
            if request.actor.lacks_second_factor(organization):
                context = {"closed": organization}
                return render(request, "organizations/second_factor_required.html", context, status=403)
            request.actor.require(permission, organization)
            request.organization = organization
            return view(request, organization, *args, **kwargs)

        page.permission = permission  # type: ignore[attr-defined]  # read by the access matrix
        return page

    return decorate
