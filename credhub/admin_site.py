"""The admin: CredHub's brand, entered through the same sign-in as the dashboard."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from organizations.permissions import Permission


class CredHubAdminSite(admin.AdminSite):
    site_header = "CredHub"
    site_title = "CredHub admin"
    index_title = "Administration"
    enable_nav_sidebar = False
    site_url = None  # base_site.html has the way back to the dashboard

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators, and whoever holds a role with `admin:access` somewhere."""
        user = request.user
        return user.is_active and request.actor.can_anywhere(Permission.ADMIN_ACCESS)  # type: ignore[attr-defined]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied("The admin is for owners, admins and operators.")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))
