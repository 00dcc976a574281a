"""Memberships: a person's role in an organization."""

import uuid

from django.db import models, transaction

from organizations import audit
from organizations.actors import Actor
from organizations.guarded import GuardedModel
from organizations.permissions import Role
from organizations.querysets import TenantQuerySet


class LastOwnerError(Exception):
    """A root organization keeps at least one active owner."""

    def __init__(self) -> None:
        super().__init__("This is the last owner. Make somebody else an owner first.")


class RoleAboveOwnError(Exception):
    """Nobody grants, changes or takes away a role above their own."""

    def __init__(self) -> None:
        super().__init__("You cannot grant, change or remove a role above your own.")


class Membership(GuardedModel):
    GUARDED = ("user_id", "organization_id", "role")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("organizations.User", on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.VIEWER)
    from_identity_provider = models.BooleanField(
        default=False,
        editable=False,
        help_text="Given, and taken away again, by a group of the identity provider.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Membership"].as_manager()

    class Meta:
        ordering = ["user__email"]
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="one_membership_per_organization")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    def change_role(self, actor: Actor, role: Role) -> None:
        """Raises RoleAboveOwnError, LastOwnerError, and DoesNotExist when it was removed a moment ago."""
        with transaction.atomic():
            self._guard(actor, role)
            was, self.role = self.role, role
            self.save(update_fields=["role"])
            audit.record(
                actor,
                audit.Action.MEMBER_ROLE_CHANGED,
                self.user,
                organization=self.organization,
                rows=[self],
                was=was,
                now=str(role),
            )

    def remove(self, actor: Actor) -> None:
        """Raises RoleAboveOwnError, LastOwnerError, and DoesNotExist when it was removed a moment ago."""
        with transaction.atomic():
            self._guard(actor, None)
            audit.record(
                actor,
                audit.Action.MEMBER_REMOVED,
                self.user,
                organization=self.organization,
                gone=[self],
                was=self.role,
            )
            self.delete()

    def _guard(self, actor: Actor, role: Role | None) -> None:
        # The organization's row is the lock: two owners who remove each other wait for one another.
        organization = type(self.organization).objects.select_for_update().get(pk=self.organization_id)
        self.refresh_from_db(fields=["role"])  # as it is now that nobody else can change it
        if not actor.is_system:
            own = actor.highest_role(organization)
            touched = [Role(self.role), *([role] if role else [])]
            if own is None or any(each.rank < own.rank for each in touched):
                raise RoleAboveOwnError
        if self.role == Role.OWNER and role != Role.OWNER and organization.is_root:
            self.require_another_owner()

    def require_another_owner(self) -> None:
        """Raises LastOwnerError when nobody else could act as an owner of the organization."""
        owners = Membership.objects.filter(
            organization_id=self.organization_id, role=Role.OWNER, user__is_active=True
        )
        if not owners.exclude(pk=self.pk).exists():
            raise LastOwnerError
