"""Credentials in the admin: everything but the secret, and the same share panel as in the dashboard."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from credentials.models import Credential, DataKey, RevealRequest, Share
from credentials.templatetags.credential_ui import credential_pill
from credentials.views.share import share_panel
from organizations.admin_base import ReadOnlyAdmin, TenantAdmin, actor_of
from organizations.permissions import Permission


@admin.register(Credential)
class CredentialAdmin(TenantAdmin):
    view_permission = Permission.CREDENTIAL_VIEW
    manage_permission = Permission.CREDENTIAL_MANAGE
    list_display = ["name", "organization", "kind_label", "state", "shared", "checked_at", "last_synced_at"]
    list_filter = ["status", "organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "identifier"]
    fields = [
        "name", "organization", "kind_label", "identifier", "state", "status_note", "checked_at", "last_synced_at",
        "shared", "secret_changed_at", "created_at", "created_by", "archived_at",
    ]  # fmt: skip
    readonly_fields: ClassVar[list[str]] = [str(name) for name in fields if name != "name"]
    actions = ["share_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        # Also in the admin a list carries no ciphertext.
        return super().get_queryset(request).defer("secret").select_related("organization", "created_by")

    @admin.display(description="Status")
    def state(self, credential: Credential) -> SafeString:
        return credential_pill(credential)

    @admin.display(description="Kind", ordering="kind")
    def kind_label(self, credential: Credential) -> str:
        return credential.kind_label

    @admin.display(description="All sub-organizations", boolean=True, ordering="shared_with_all")
    def shared(self, credential: Credential) -> bool:
        return credential.shared_with_all

    def save_model(self, request: HttpRequest, obj: Credential, form: Any, change: bool) -> None:
        if "name" in form.changed_data:
            stored = self.get_queryset(request).get(pk=obj.pk)
            try:
                stored.rename(actor_of(request), obj.name)
            except ValidationError as error:
                messages.error(request, f"The name stays. {error.messages[0]}")

    # Sharing

    @admin.action(description="Share…", permissions=["share"])
    def share_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose one credential to share.", messages.WARNING)
            return None
        return redirect("admin:credentials_credential_share", chosen[0].pk)

    def has_share_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).can_anywhere(Permission.CREDENTIAL_SHARE)

    def get_urls(self) -> list[URLPattern]:
        share = path(
            "<uuid:pk>/share/",
            self.admin_site.admin_view(self.share_view),
            name="credentials_credential_share",
        )
        return [share, *super().get_urls()]

    def share_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        actor = actor_of(request)
        credential = self.get_queryset(request).filter(pk=pk, archived_at=None).first()
        if credential is None:
            raise Http404
        if not actor.can(Permission.CREDENTIAL_SHARE, credential.organization):
            raise PermissionDenied("Only the credential's owner shares it.")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Share {credential}",
            "opts": self.opts,
            "original": credential,
        }
        return share_panel(
            request,
            actor,
            credential,
            done=reverse("admin:credentials_credential_change", args=[credential.pk]),
            template="admin/credentials/credential/share.html",
            extra=context,
        )


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    """Who has what; changed in the share panel."""

    view_permission = Permission.CREDENTIAL_SHARE
    list_display = ["credential", "organization", "created_at", "created_by"]
    list_filter = ["organization"]
    list_select_related = ["credential", "organization", "created_by"]
    search_fields = ["credential__name", "organization__name"]


@admin.register(RevealRequest)
class RevealRequestAdmin(ReadOnlyAdmin):
    """Who asked to see what. Asking, approving and seeing happen in the dashboard alone: no secret in the admin."""

    view_permission = Permission.CREDENTIAL_MANAGE
    list_display = ["credential", "requested_by", "what", "reason", "created_at", "approved_by", "used_at"]
    list_select_related = ["credential", "requested_by", "approved_by"]
    search_fields = ["credential__name", "requested_by__email"]


@admin.register(DataKey)
class DataKeyAdmin(ReadOnlyAdmin):
    """Which organizations have data keys, and under which master key; never the key, not even wrapped."""

    view_permission = Permission.ORGANIZATION_VIEW
    list_display = ["organization", "version", "master_key_id", "created_at", "destroyed_at"]
    list_select_related = ["organization"]
    exclude = ["wrapped"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).is_operator

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor_of(request).is_operator

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataKey]:
        keys = DataKey._default_manager.order_by("organization__name", "-version").defer("wrapped")
        return keys if actor_of(request).is_operator else keys.none()
