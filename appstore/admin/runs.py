"""What is done in the background: runs, and uploads that are read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from appstore.models import (
    AppStoreConnectKey,
    ImportItem,
    ImportUpload,
    SyncRun,
)
from appstore.templatetags.appstore_ui import run_pill
from organizations.admin_base import ReadOnlyAdmin, actor_of
from organizations.permissions import Permission


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    view_permission = Permission.ASSET_VIEW
    list_display = ["created_at", "kind", "team", "key", "outcome", "trigger", "requested_by", "attempts"]
    list_filter = ["state", "kind", "trigger"]
    list_select_related = ["team", "requested_by"]
    search_fields = ["team__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncRun]:
        keys = AppStoreConnectKey.objects.for_actor(actor_of(request), Permission.CREDENTIAL_VIEW)
        runs: QuerySet[SyncRun] = super().get_queryset(request)
        return runs.with_keys(keys)  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="State", ordering="state")
    def outcome(self, run: SyncRun) -> SafeString:
        return run_pill(run)


@admin.register(ImportUpload)
class ImportUploadAdmin(ReadOnlyAdmin):
    view_permission = Permission.CREDENTIAL_MANAGE
    list_display = ["created_at", "name", "organization", "state", "uploaded_by", "expires_at"]
    list_select_related = ["organization", "uploaded_by"]
    exclude = ["content", "passwords", "run"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportUpload]:
        return super().get_queryset(request).defer("content", "passwords")


@admin.register(ImportItem)
class ImportItemAdmin(ReadOnlyAdmin):
    view_permission = Permission.CREDENTIAL_MANAGE
    list_display = ["name", "kind", "state", "upload"]
    search_fields = ["name"]
    exclude = ["content"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportItem]:
        rows: QuerySet[ImportItem] = super().get_queryset(request).defer("content")
        return rows.select_related("upload").defer("content", "upload__content", "upload__passwords")
