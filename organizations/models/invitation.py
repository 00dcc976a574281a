"""Invitations: a link by e-mail that makes its receiver a member. It expires, works once, and can be taken back."""

import secrets
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.core.mail import send_mail
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from organizations import audit
from organizations.actors import Actor
from organizations.guarded import GuardedModel
from organizations.models.membership import Membership, RoleAboveOwnError
from organizations.models.organization import Organization
from organizations.models.user import User
from organizations.permissions import Permission, Role
from organizations.querysets import TenantQuerySet
from organizations.revoking import revoke


def hash_token(token: str) -> str:
    return salted_hmac("organizations.invitation", token, algorithm="sha256").hexdigest()


class InvitationQuerySet(TenantQuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def by_token(self, token: str) -> "Invitation | None":
        """The open invitation of a live organization that this link belongs to."""
        invitation = (
            self.open()
            .filter(
                token_hash=hash_token(token),
                organization__archived_at=None,
                organization__parent__archived_at=None,
            )
            .select_related("organization", "invited_by")
            .first()
        )
        return invitation if invitation and invitation.is_still_meant() else None


class Invitation(GuardedModel):
    GUARDED = (
        "organization_id", "email", "role", "token_hash", "invited_by_id", "expires_at", "accepted_at", "revoked_at",
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.DEVELOPER)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"

    @classmethod
    def send(
        cls,
        actor: Actor,
        organization: Organization,
        *,
        email: str,
        role: Role,
        link_for: Callable[[str], str],
    ) -> str:
        """Invite; an earlier open invitation of the same address ends. Returns the link, told this once.

        Raises RoleAboveOwnError. `link_for` makes the absolute address of a token.
        """
        own = actor.highest_role(organization)
        if not actor.is_system and (own is None or role.rank < own.rank):
            raise RoleAboveOwnError
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            ended = list(cls.objects.open().filter(organization=organization, email__iexact=email))
            for earlier in ended:
                earlier.revoked_at = timezone.now()
                earlier.save(update_fields=["revoked_at"])
            invitation = cls.objects.create(
                organization=organization,
                email=email.strip().lower(),
                role=role,
                token_hash=hash_token(token),
                invited_by=actor.user,
                expires_at=timezone.now() + timedelta(days=settings.INVITATION_DAYS),
            )
            audit.record(
                actor,
                audit.Action.MEMBER_INVITED,
                invitation,
                organization=organization,
                rows=[*ended, invitation],
                email=invitation.email,
                role=str(role),
            )
        link = link_for(token)
        send_mail(
            subject=f"{actor.label} invites you to {organization.name} on CredHub",
            message=(
                f"{actor.label} invites you to join {organization.name} on CredHub as {role.label}.\n\n"
                f"Accept here: {link}\n\n"
                f"The link works once, until {invitation.expires_at:%d %B %Y, %H:%M} UTC. "
                "If you did not expect it, ignore this message."
            ),
            from_email=None,
            recipient_list=[invitation.email],
            fail_silently=True,  # the link is on the inviter's screen too; a mail server's fault loses nothing
        )
        return link

    def is_still_meant(self) -> bool:
        """Whether who sent it may still give this role: a link in a drawer is no way back in."""
        if not self.is_genuine:
            return False
        if self.invited_by is None:
            return True
        sender = Actor(user=self.invited_by)
        own = sender.highest_role(self.organization)
        if own is None or not sender.can(Permission.MEMBER_MANAGE, self.organization):
            return False
        return Role(self.role).rank >= own.rank

    def accept(self, actor: Actor, user: User) -> Membership:
        """Make the user a member; a higher role that they hold already stays."""
        with transaction.atomic():
            taken = Invitation.objects.open().select_for_update().filter(pk=self.pk).first()
            if taken is None or not taken.is_genuine:
                raise Invitation.DoesNotExist("This invitation was used or taken back a moment ago.")
            taken.accepted_at = timezone.now()
            taken.save(update_fields=["accepted_at"])
            membership, created = Membership.objects.get_or_create(
                user=user, organization=self.organization, defaults={"role": self.role}
            )
            if not created and Role(membership.role).rank > Role(self.role).rank:
                membership.role = self.role
                membership.save(update_fields=["role"])
            audit.record(
                actor,
                audit.Action.MEMBER_JOINED,
                user,
                organization=self.organization,
                rows=[taken, membership],
                role=membership.role,
            )
        return membership

    def revoke(self, actor: Actor) -> None:
        revoke(actor, self, audit.Action.INVITATION_REVOKED, email=self.email)
