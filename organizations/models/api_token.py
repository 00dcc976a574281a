"""API tokens: a machine's identity in one organization. Shown once; what is kept finds it and cannot make it."""

import ipaddress
import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.utils import timezone

from organizations import audit, tokens
from organizations.actors import Actor
from organizations.guarded import GuardedModel
from organizations.models.organization import Organization
from organizations.permissions import TOKEN_SCOPES, Permission
from organizations.querysets import TenantQuerySet

DEFAULT_DAYS, MOST_DAYS = 90, 365
USED_EVERY = timedelta(minutes=1)  # how exactly the last use is kept


class ScopeAboveOwnError(Exception):
    """Nobody gives a token what they do not hold themselves."""

    def __init__(self, scope: Permission) -> None:
        super().__init__(f"You cannot give a token what you may not do yourself: {scope.label.lower()}.")


class ApiTokenQuerySet(TenantQuerySet["ApiToken"]):
    def live(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def still_there(self, pk: str) -> "ApiToken | None":
        """The one that ordered something while it was valid, unless it was revoked since."""
        rows = self.filter(pk=pk, revoked_at=None).select_related("organization__parent", "created_by")
        found = rows.first()
        return found if found and found.is_genuine else None


class ApiToken(GuardedModel):
    GUARDED = (
        "organization_id", "digest", "scope_words", "bundle_id_words", "network_words", "created_by_id", "expires_at",
        "revoked_at",
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=80, unique=True, editable=False)
    last_four = models.CharField(max_length=4, editable=False)
    # Words with spaces between them: texts, so that the row's digest covers them as they stand
    scope_words = models.CharField(max_length=500, editable=False)
    bundle_id_words = models.TextField(blank=True, editable=False)
    network_words = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_from = models.CharField(max_length=45, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(
        cls,
        actor: Actor,
        organization: Organization,
        *,
        name: str,
        scopes: list[Permission],
        expires_at: datetime | None = None,
        bundle_ids: list[str] | None = None,
        networks: list[str] | None = None,
    ) -> tuple["ApiToken", str]:
        """(row, text). The text is nowhere from now on but with the caller.

        Raises PermissionDenied, ScopeAboveOwnError, and ValueError for what no form lets through.
        """
        actor.require(Permission.TOKEN_MANAGE, organization)
        for scope in scopes:
            if not actor.can(scope, organization):
                raise ScopeAboveOwnError(scope)
        now = timezone.now()
        ends = expires_at or now + timedelta(days=DEFAULT_DAYS)
        if not scopes or set(scopes) - set(TOKEN_SCOPES) or not now < ends <= now + timedelta(days=MOST_DAYS):
            raise ValueError("A token has scopes, and ends within a year.")
        text = tokens.new_token()
        with transaction.atomic():
            token = cls.objects.create(
                organization=organization,
                name=name,
                digest=tokens.digest(text),
                last_four=text[-4:],
                scope_words=" ".join(sorted(scopes)),
                bundle_id_words=" ".join(bundle_ids or []),
                network_words=" ".join(str(ipaddress.ip_network(each)) for each in networks or []),
                created_by=actor.user,
                expires_at=ends,
            )
            audit.record(
                actor,
                audit.Action.TOKEN_CREATED,
                token,
                organization=organization,
                rows=[token],
                scopes=token.scope_words,
                expires_at=ends.isoformat(),
            )
        return token, text

    def revoke(self, actor: Actor) -> None:
        with transaction.atomic():
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
            audit.record(actor, audit.Action.TOKEN_REVOKED, self, organization=self.organization, rows=[self])

    @classmethod
    def of_text(cls, text: str, address: str) -> "ApiToken | None":
        """The token with this text, if it may be used now and from this address. One query, and none for nonsense."""
        if not tokens.is_token(text):
            return None
        living = {"organization__archived_at": None, "organization__parent__archived_at": None}
        rows = cls.objects.live().filter(digest__in=tokens.digests(text), **living)
        found = rows.select_related("organization__parent", "created_by").first()
        return found if found and found.is_genuine and found.may_come_from(address) else None

    @property
    def scopes(self) -> list[Permission]:
        return [Permission(word) for word in self.scope_words.split() if word in TOKEN_SCOPES]

    @property
    def bundle_ids(self) -> list[str]:
        """None given: all of the organization's."""
        return self.bundle_id_words.split()

    @property
    def networks(self) -> list[str]:
        return self.network_words.split()

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    def may_come_from(self, address: str) -> bool:
        if not self.network_words:
            return True
        try:
            found: Any = ipaddress.ip_address(address)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in ipaddress.ip_network(each) for each in self.networks)

    def note_use(self, actor: Actor) -> None:
        """When and from where it was used last, to the minute. A day's first use, and one from another address, is an
        event. Raises AuditUnavailableError."""
        now, before = timezone.now(), self.last_used_at
        is_elsewhere = self.last_used_from != actor.address
        if before is not None and now - before < USED_EVERY and not is_elsewhere:
            return  # a busy pipeline is not a busy table
        with transaction.atomic():
            type(self).objects.filter(pk=self.pk).update(last_used_at=now, last_used_from=actor.address)
            if before is None or before.date() != now.date() or is_elsewhere:
                audit.record(actor, audit.Action.TOKEN_USED, self, organization=self.organization)
