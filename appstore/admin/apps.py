"""Apps, and what people chose for them: read-only."""

from django.contrib import admin

from appstore.models import (
    App,
    Assignment,
)
from organizations.admin_base import ReadOnlyAdmin
from organizations.permissions import Permission


@admin.register(App)
class AppAdmin(ReadOnlyAdmin):
    view_permission = Permission.ASSET_VIEW
    list_display = ["name", "platform", "identifier", "organization", "policy", "frozen_at"]
    list_filter = ["platform", "policy"]
    list_select_related = ["organization"]
    search_fields = ["name", "identifier"]


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    """That people chose something for an app. What it is may be shared no more: the app's page looks that up."""

    view_permission = Permission.ASSET_VIEW
    list_display = ["app", "slot", "is_default", "created_at"]
    list_select_related = ["app"]
    search_fields = ["slot"]
    exclude = ["credential", "profile"]
