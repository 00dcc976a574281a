"""Device invitations: a link by which somebody asks for a device's registration, without an account here."""

import secrets
import uuid
from datetime import timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from appstore.models.app_store_connect_key import AppStoreConnectKey
from appstore.models.developer_team import DeveloperTeam
from organizations import audit, tokens
from organizations.actors import Actor
from organizations.guarded import GuardedModel
from organizations.models import Organization, User
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet
from organizations.revoking import revoke

DEFAULT_DAYS, MOST_DAYS = 7, 30
MOST_USES = 100
PURPOSE = "device-invitation"  # of the digest


class DeviceInvitationQuerySet(TenantQuerySet["DeviceInvitation"]):
    def open(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), used__lt=F("uses"))

    def by_token(self, token: str) -> "DeviceInvitation | None":
        """The open invitation of a live organization that this link belongs to."""
        living = {"organization__archived_at": None, "organization__parent__archived_at": None}
        rows = self.open().filter(digest__in=tokens.digests(token, PURPOSE), **living)
        found = rows.select_related("organization__parent", "team__organization", "created_by").first()
        return found if found and found.is_still_meant() else None


class DeviceInvitation(GuardedModel):
    GUARDED = (
        "organization_id", "team_id", "digest", "at_once", "uses", "used", "expires_at", "revoked_at", "created_by_id",
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="device_invitations"
    )
    team = models.ForeignKey(DeveloperTeam, on_delete=models.PROTECT, related_name="device_invitations")
    # What registers them; without one, or when it is gone, the team's healthiest does
    key = models.ForeignKey(AppStoreConnectKey, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=80, unique=True, editable=False)
    at_once = models.BooleanField("registers at once", default=False)
    uses = models.PositiveSmallIntegerField("devices at most")
    used = models.PositiveSmallIntegerField("devices so far", default=0)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = DeviceInvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def make(
        cls,
        actor: Actor,
        team: DeveloperTeam,
        *,
        name: str,
        key: AppStoreConnectKey | None = None,
        uses: int = 1,
        days: int = DEFAULT_DAYS,
        at_once: bool = False,
    ) -> tuple["DeviceInvitation", str]:
        """(row, token of its link). The token is nowhere from now on but with the caller.

        Raises PermissionDenied, and ValueError for what no form lets through.
        """
        actor.require(Permission.ASSET_MANAGE, team.organization)
        if not 1 <= uses <= MOST_USES or not 1 <= days <= MOST_DAYS:
            raise ValueError("An invitation is for 1 to 100 devices, and ends within 30 days.")
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            invitation = cls.objects.create(
                organization=team.organization,
                team=team,
                key=key,
                name=name,
                digest=tokens.digest(token, PURPOSE),
                at_once=at_once,
                uses=uses,
                created_by=actor.user,
                expires_at=timezone.now() + timedelta(days=days),
            )
            audit.record(
                actor,
                audit.Action.DEVICE_INVITATION_CREATED,
                invitation,
                organization=team.organization,
                rows=[invitation],
                counts={"devices": uses},
                expires_at=invitation.expires_at.isoformat(),
                what="registers at once" if at_once else "",
            )
        return invitation, token

    def is_still_meant(self) -> bool:
        """Whether who made it may still register devices: a link in a drawer is no way back in."""
        if not self.is_genuine or self.created_by is None:
            return False
        if self.team.organization_id != self.organization_id:
            return False
        return Actor(user=self.created_by).can(Permission.ASSET_MANAGE, self.organization)

    def locked(self) -> "DeviceInvitation":
        """The row as it is now, for the caller's transaction alone. Raises DoesNotExist when it ended a moment ago."""
        taken = DeviceInvitation.objects.open().select_for_update().filter(pk=self.pk).first()
        if taken is None or not taken.is_genuine:
            raise DeviceInvitation.DoesNotExist("This invitation was used up or taken back a moment ago.")
        return taken

    def use(self) -> None:
        """Count one device, on a row that is locked."""
        self.used += 1
        self.save(update_fields=["used"])

    def revoke(self, actor: Actor) -> None:
        revoke(actor, self, audit.Action.DEVICE_INVITATION_REVOKED)
