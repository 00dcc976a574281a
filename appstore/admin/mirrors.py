"""Mirrors of Apple's objects, and what happened to them: read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from appstore.models import (
    BundleId,
    Certificate,
    Device,
    HeldSweep,
    ObjectChange,
    Profile,
)
from appstore.templatetags.appstore_ui import condition_pill
from organizations.admin_base import ReadOnlyAdmin
from organizations.permissions import Permission


class AppleObjectAdmin(ReadOnlyAdmin):
    """A mirror: written by the sync, read here."""

    view_permission = Permission.ASSET_VIEW
    list_filter = ["platform", "team"]
    list_select_related = ["team"]

    @admin.display(description="State")
    def state(self, thing: Any) -> SafeString:
        return condition_pill(thing)


@admin.register(Certificate)
class CertificateAdmin(AppleObjectAdmin):
    list_display = ["name", "certificate_type", "serial_number", "team", "expiration_date", "state"]
    list_filter = ["certificate_type", "team"]
    search_fields = ["name", "display_name", "serial_number", "sha1", "sha256"]
    date_hierarchy = "expiration_date"
    exclude = ["certificate_content"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        return super().get_queryset(request).defer("certificate_content")


@admin.register(Profile)
class ProfileAdmin(AppleObjectAdmin):
    list_display = ["name", "profile_type", "bundle_id", "team", "expiration_date", "state"]
    list_filter = ["profile_type", "profile_state", "team"]
    list_select_related = ["team", "bundle_id"]
    search_fields = ["name", "uuid", "bundle_id__identifier"]
    date_hierarchy = "expiration_date"
    exclude = ["profile_content"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Profile]:
        return super().get_queryset(request).defer("profile_content")


@admin.register(BundleId)
class BundleIdAdmin(AppleObjectAdmin):
    list_display = ["identifier", "name", "platform", "seed_id", "team", "state"]
    search_fields = ["identifier", "name"]


@admin.register(Device)
class DeviceAdmin(AppleObjectAdmin):
    list_display = ["name", "udid", "device_class", "model", "team", "state"]
    list_filter = ["device_class", "status", "team"]
    search_fields = ["name", "udid", "model"]
    exclude = ["udid_key"]


@admin.register(ObjectChange)
class ObjectChangeAdmin(ReadOnlyAdmin):
    view_permission = Permission.ASSET_VIEW
    list_display = ["created_at", "what", "collection", "name", "team"]
    list_select_related = ["team"]
    search_fields = ["name", "apple_id"]
    exclude = ["run"]


@admin.register(HeldSweep)
class HeldSweepAdmin(ReadOnlyAdmin):
    view_permission = Permission.ASSET_VIEW
    list_display = ["created_at", "team", "collection", "missing", "total", "answer"]
    list_select_related = ["team"]
    exclude = ["answered_by"]
