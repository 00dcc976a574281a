"""API keys, the teams behind them, and whose default is which."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters

from appstore.forms import AppStoreConnectKeyForm
from appstore.models import (
    AppStoreConnectKey,
    DeveloperTeam,
    KeyPreference,
    SyncRun,
)
from appstore.views.keys import KEY_TYPES
from credentials.models import DuplicateCredentialError
from credentials.templatetags.credential_ui import credential_pill
from organizations.admin_base import ReadOnlyAdmin, actor_of
from organizations.models import Organization
from organizations.permissions import Permission


@admin.register(AppStoreConnectKey)
class AppStoreConnectKeyAdmin(ReadOnlyAdmin):
    """Added with the dashboard's own form: the private key goes in here and never comes out."""

    view_permission = Permission.CREDENTIAL_VIEW
    list_display = ["credential", "organization", "key_id", "key_type", "state", "team", "last_sync"]
    list_filter = ["key_type", "health"]
    list_select_related = ["credential__organization", "team"]
    search_fields = ["key_id", "issuer_id", "credential__name"]
    actions = ["sync_now", "share_selected"]

    @admin.display(description="Organization", ordering="credential__organization__name")
    def organization(self, key: AppStoreConnectKey) -> str:
        return key.credential.organization.name

    @admin.display(description="Status", ordering="credential__status")
    def state(self, key: AppStoreConnectKey) -> SafeString:
        return credential_pill(key.credential)

    @admin.display(description="Last sync", ordering="credential__last_synced_at")
    def last_sync(self, key: AppStoreConnectKey) -> Any:
        return key.credential.last_synced_at

    def get_queryset(self, request: HttpRequest) -> QuerySet[AppStoreConnectKey]:
        return super().get_queryset(request).defer("credential__secret")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).can_anywhere(Permission.CREDENTIAL_MANAGE)

    @method_decorator(sensitive_post_parameters())
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        organizations = Organization.objects.for_actor(actor_of(request), Permission.CREDENTIAL_MANAGE)
        chosen = _chosen(organizations, request.POST.get("organization", ""))
        form = AppStoreConnectKeyForm(
            request.POST if chosen else None,
            request.FILES if chosen else None,
            organization=chosen or Organization(),
        )
        if request.method == "POST" and chosen is None:
            messages.error(request, "Choose the organization that owns the key.")
        elif request.method == "POST" and form.is_valid():
            try:
                key = form.save(actor_of(request))
            except DuplicateCredentialError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"{key.credential} is stored. Apple is asked whether it works.")
                return redirect("admin:appstore_appstoreconnectkey_change", key.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Add App Store Connect API key",
            "opts": self.opts,
            "form": form,
            "key_types": KEY_TYPES,
            "organizations": organizations.family_order(),
            "chosen": chosen,
        }
        status = 400 if form.errors else 200
        return render(request, "admin/appstore/appstoreconnectkey/add.html", context, status=status)

    @admin.action(description="Sync now", permissions=["sync"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[AppStoreConnectKey]) -> None:
        actor = actor_of(request)
        allowed = AppStoreConnectKey.objects.for_actor(actor, Permission.SYNC_RUN).live()
        keys = list(queryset.filter(pk__in=allowed.order_by().values("pk")).select_related("team"))
        for key in keys:
            if key.can_sync and key.team is not None:
                SyncRun.request_sync(actor, key.team, trigger=SyncRun.Trigger.MANUAL, key=key)
            else:
                SyncRun.request_check(actor, key, trigger=SyncRun.Trigger.MANUAL)
        self.message_user(request, f"Asked for {len(keys)}. Watch them under Sync runs.", messages.SUCCESS)

    @admin.action(description="Share…", permissions=["share"])
    def share_selected(
        self, request: HttpRequest, queryset: QuerySet[AppStoreConnectKey]
    ) -> HttpResponse | None:
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose one key to share.", messages.WARNING)
            return None
        return redirect("admin:credentials_credential_share", chosen[0].credential_id)

    def has_share_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).can_anywhere(Permission.CREDENTIAL_SHARE)

    def has_sync_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).can_anywhere(Permission.SYNC_RUN)


def _chosen(organizations: QuerySet[Organization], pk: str) -> Organization | None:
    try:
        return organizations.filter(pk=pk).first() if pk else None
    except ValidationError:  # not a UUID
        return None


@admin.register(DeveloperTeam)
class DeveloperTeamAdmin(ReadOnlyAdmin):
    view_permission = Permission.ASSET_VIEW
    list_display = ["__str__", "organization", "program", "issuer_id", "last_synced_at", "next_sync_at"]
    list_filter = ["program", "organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "team_id", "issuer_id"]


@admin.register(KeyPreference)
class KeyPreferenceAdmin(ReadOnlyAdmin):
    """Whose default key for which team; each person's own."""

    view_permission = Permission.CREDENTIAL_VIEW
    list_display = ["user", "team", "key"]
    list_select_related = ["user", "team", "key__credential"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeyPreference]:
        actor = actor_of(request)
        keys = AppStoreConnectKey.objects.for_actor(actor, self.view_permission)
        rows = KeyPreference._default_manager.filter(key__in=keys).order_by("pk")
        return rows if actor.is_operator else rows.filter(user=request.user)  # type: ignore[misc]
