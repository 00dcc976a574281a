"""Organizations and people in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from organizations import sessions
from organizations.admin_base import ReadOnlyAdmin, TenantAdmin, actor_of
from organizations.lockout import remove_second_factors, set_active
from organizations.models import (
    ApiToken,
    AuditEvent,
    Invitation,
    LastOwnerError,
    Membership,
    Organization,
    TrustPolicy,
    User,
    Webhook,
    WebhookDelivery,
)
from organizations.permissions import Permission


@admin.register(Organization)
class OrganizationAdmin(TenantAdmin):
    """Rename here; operators add roots. Sub-organizations are made and archived in the dashboard."""

    view_permission = Permission.ORGANIZATION_VIEW
    manage_permission = Permission.ORGANIZATION_MANAGE
    list_display = ["name", "parent", "slug", "created_at"]
    list_filter = ["parent"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    fields = ["name", "parent", "slug", "created_at"]
    readonly_fields = ["parent", "slug", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).is_operator

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        actor = actor_of(request)
        if change:
            if "name" in form.changed_data:
                self.get_queryset(request).get(pk=obj.pk).rename(actor, obj.name)
        elif actor.user is not None:
            created = Organization.create_root(actor, obj.name, actor.user)
            obj.pk, obj.slug, obj._state.adding = created.pk, created.slug, False


@admin.register(User)
class UserAdmin(TenantAdmin):
    """People of the organizations that one manages; operators see everybody and may lock people out."""

    view_permission = Permission.MEMBER_MANAGE
    list_display = ["email", "name", "is_active", "date_joined", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["email", "name"]
    readonly_fields = ["email", "is_superuser", "date_joined", "last_login"]
    fields = ["email", "name", "is_active", "is_superuser", "date_joined", "last_login"]
    ordering = ["email"]
    actions = ["end_sessions", "remove_factors"]

    @admin.action(description="End all sessions of the selected people", permissions=["change"])
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        ended = sum(sessions.end(actor_of(request), user, reason="by an operator") for user in people)
        messages.success(request, f"{ended} session{'' if ended == 1 else 's'} ended.")

    @admin.action(description="Remove the second factors of the selected people", permissions=["change"])
    def remove_factors(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Their password signs in again, so they are asked by other means first."""
        removed = sum(remove_second_factors(actor_of(request), user) for user in people)
        messages.success(request, f"{removed} second factor{'' if removed == 1 else 's'} removed.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        actor = actor_of(request)
        people = User.objects.order_by("email")
        if actor.is_operator:
            return people
        managed = actor.organizations(Permission.MEMBER_MANAGE)
        return people.filter(
            Q(pk__in=Membership.objects.for_actor(actor, Permission.MEMBER_MANAGE).values("user_id"))
            | Q(memberships__organization__in=managed.values("parent_id"))
        ).distinct()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor_of(request).is_operator

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if "name" in form.changed_data:
            obj.save(update_fields=["name"])
        if "is_active" in form.changed_data:
            try:
                set_active(actor_of(request), obj, is_active=obj.is_active)
            except LastOwnerError as error:
                messages.error(request, f"{obj} is not locked out. {error}")


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    """Read-only here: roles are changed on the members page, where nobody grants above their own."""

    view_permission = Permission.MEMBER_VIEW
    list_display = ["user", "organization", "role", "created_at"]
    list_filter = ["role", "organization"]
    list_select_related = ["user", "organization"]
    search_fields = ["user__email", "organization__name"]


@admin.register(Invitation)
class InvitationAdmin(TenantAdmin):
    view_permission = Permission.MEMBER_MANAGE
    list_display = ["email", "organization", "role", "invited_by", "expires_at", "accepted_at", "revoked_at"]
    list_filter = ["role", "organization"]
    list_select_related = ["organization", "invited_by"]
    search_fields = ["email"]
    exclude = ["token_hash"]


@admin.register(ApiToken)
class ApiTokenAdmin(TenantAdmin):
    """Made and revoked in the dashboard, where what is new is shown once."""

    view_permission = Permission.TOKEN_MANAGE
    list_display = [
        "name",
        "organization",
        "last_four",
        "created_by",
        "expires_at",
        "revoked_at",
        "last_used_at",
    ]
    list_filter = ["organization"]
    list_select_related = ["organization", "created_by"]
    search_fields = ["name"]
    exclude = ["digest"]


@admin.register(TrustPolicy)
class TrustPolicyAdmin(TenantAdmin):
    """Added and removed in the dashboard."""

    view_permission = Permission.TOKEN_MANAGE
    list_display = ["name", "organization", "provider", "issuer", "created_by", "removed_at", "last_used_at"]
    list_filter = ["organization"]
    list_select_related = ["organization", "created_by"]
    search_fields = ["name"]


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    view_permission = Permission.ACTIVITY_VIEW
    list_display = ["created_at", "actor_label", "action", "subject_label", "organization", "address"]
    list_filter = ["action", "organization"]
    list_select_related = ["organization"]
    search_fields = ["actor_label", "subject_label"]
    date_hierarchy = "created_at"


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """Made and changed in the dashboard, where a new signing secret is shown once."""

    view_permission = Permission.TOKEN_MANAGE
    list_display = ["name", "organization", "url", "delivered_at", "failing_since", "stopped_at"]
    list_filter = ["organization"]
    list_select_related = ["organization"]
    search_fields = ["name"]
    exclude = ["secret", "earlier_secret"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    view_permission = Permission.TOKEN_MANAGE
    list_display = ["created_at", "webhook", "event", "state", "attempts", "status"]
    list_filter = ["state"]
    list_select_related = ["webhook"]
    search_fields = ["webhook__name"]
