"""The admin: CredHub's brand, entered through the same sign-in as the dashboard."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from organizations.admin_base import TenantAdmin
from organizations.permissions import Permission


def nothing_on_site(_request: HttpRequest, **_ids: str) -> HttpResponse:
    """Django's own looks for any row of any tenant, and breaks at an id that is no UUID."""
    raise Http404


class CredHubAdminSite(admin.AdminSite):
    site_header = "CredHub"
    site_title = "CredHub admin"
    index_title = "Administration"
    enable_nav_sidebar = False
    site_url = None  # base_site.html has the way back to the dashboard

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only through TenantAdmin. What Django and allauth bring (groups, further e-mail addresses that sign in as
        somebody) would be written past every rule and every record, so it stays outside."""
        if admin_class is not None and issubclass(admin_class, TenantAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[Any]:
        urls = super().get_urls()
        for each in urls:
            if getattr(each, "name", None) == "view_on_site":
                each.callback = self.admin_view(nothing_on_site)
        return urls

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators, and whoever holds a role with `admin:access` somewhere."""
        user = request.user
        return user.is_active and request.actor.can_anywhere(Permission.ADMIN_ACCESS)  # type: ignore[attr-defined]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied("The admin is for owners, admins and operators.")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))
