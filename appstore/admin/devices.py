"""Invitations of devices, and what was asked by them: read-only."""

from django.contrib import admin

from appstore.models import (
    DeviceInvitation,
    DeviceRequest,
)
from organizations.admin_base import ReadOnlyAdmin
from organizations.permissions import Permission


@admin.register(DeviceInvitation)
class DeviceInvitationAdmin(ReadOnlyAdmin):
    view_permission = Permission.ASSET_VIEW
    list_display = ["name", "team", "uses", "used", "at_once", "created_by", "expires_at", "revoked_at"]
    list_select_related = ["team", "created_by"]
    search_fields = ["name"]
    exclude = ["key"]


@admin.register(DeviceRequest)
class DeviceRequestAdmin(ReadOnlyAdmin):
    view_permission = Permission.ASSET_VIEW
    list_display = ["created_at", "name", "udid", "product", "state", "invitation"]
    list_filter = ["state"]
    list_select_related = ["invitation"]
    search_fields = ["name", "udid"]
    exclude = ["udid_key", "run"]
