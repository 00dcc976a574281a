"""Somebody asks to see a secret, and a second person agrees or not: once, for one form of it and one reason."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum
from typing import Self

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from credentials.models.credential import Credential
from credentials.models.reveal_errors import ArchivedError, RevealOffError
from organizations import audit, audit_chain
from organizations.actors import Actor
from organizations.guarded import GuardedModel
from organizations.models import AuditEvent, User
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet

WAITS = timedelta(hours=24)
USABLE = timedelta(hours=1)  # after it was approved


class RequestEndedError(Exception):
    """It cannot be decided any more, or not by this person: a sentence."""


class State(Enum):
    """(word, tone, what it means for who asked)"""

    WAITING = ("Waiting", "info", "Another owner has to approve it.")
    APPROVED = ("Approved", "good", "It can be used once, within an hour of being approved.")
    REFUSED = ("Turned down", "bad", "Another owner turned it down.")
    EXPIRED = ("Expired", "neutral", "Its time is over. Ask again.")
    USED = ("Used", "neutral", "It was used. Ask again to see the secret once more.")
    WITHDRAWN = ("Replaced", "neutral", "You asked for something else since.")
    VOID = ("Void", "bad", "The secret was replaced since, or the request was changed. Ask again.")

    @property
    def word(self) -> str:
        return self.value[0]

    @property
    def tone(self) -> str:
        return self.value[1]

    @property
    def meaning(self) -> str:
        return self.value[2]


class RevealRequestQuerySet(TenantQuerySet["RevealRequest"]):
    tenant_path = "credential__organization"

    def open(self) -> Self:
        """Neither used, turned down, replaced nor over. What else may be wrong with one, its `state` tells."""
        now = timezone.now()
        in_time = models.Q(expires_at__gt=now) | models.Q(approved_at__gt=now - USABLE)
        return self.filter(in_time, used_at=None, refused_at=None, withdrawn_at=None)


class RevealRequest(GuardedModel):
    GUARDED = (
        "credential_id", "requested_by_id", "what", "reason", "secret_digest", "created_at", "expires_at",
        "approved_by_id", "approved_at", "refused_by_id", "refused_at", "withdrawn_at", "used_at",
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="reveal_requests")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=20)
    reason = models.CharField(max_length=200)
    # Of the secret that was asked for: a replaced one is another
    secret_digest = models.CharField(max_length=80, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    objects = RevealRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.credential} for {self.requested_by}"

    @classmethod
    def ask(cls, actor: Actor, credential: Credential, *, what: str, reason: str) -> "RevealRequest":
        """Ask for it. What the same person asked for before, and did not use, is replaced by this.

        Raises PermissionDenied, RevealRefusedError.
        """
        actor.require(Permission.CREDENTIAL_REVEAL, credential.organization)
        if actor.user is None:
            raise PermissionDenied("People ask for a reveal, and no machine does.")
        if credential.is_archived:
            raise ArchivedError
        if not credential.reveal_allowed:
            raise RevealOffError
        with transaction.atomic():
            earlier = list(
                cls.objects.select_for_update().open().filter(credential=credential, requested_by=actor.user)
            )
            earlier = [row for row in earlier if row.is_genuine]
            for row in earlier:
                row.withdrawn_at = timezone.now()
                row.save(update_fields=["withdrawn_at"])
            request = cls.objects.create(
                credential=credential,
                requested_by=actor.user,
                what=what,
                reason=reason,
                expires_at=timezone.now() + WAITS,
                secret_digest=audit_chain.secret_digest(credential.pk, credential.ciphertext),
            )
            _record(actor, audit.Action.REVEAL_REQUESTED, request, earlier)
        return request

    def approve(self, actor: Actor) -> None:
        """Raises PermissionDenied, RequestEndedError."""
        self._decide(actor, "approved", audit.Action.REVEAL_APPROVED)

    def refuse(self, actor: Actor) -> None:
        """Raises PermissionDenied, RequestEndedError."""
        self._decide(actor, "refused", audit.Action.REVEAL_REFUSED)

    def _decide(self, actor: Actor, word: str, action: audit.Action) -> None:
        actor.require(Permission.CREDENTIAL_REVEAL, self.credential.organization)
        if actor.user is None or actor.user.pk == self.requested_by_id:
            raise RequestEndedError(
                "Somebody else has to decide: nobody approves what they asked for themselves."
            )
        with transaction.atomic():
            row = self.locked()
            if row.state is not State.WAITING:
                raise RequestEndedError(f"This request is not open any more: {row.state.word.lower()}.")
            setattr(row, f"{word}_by", actor.user)
            setattr(row, f"{word}_at", timezone.now())
            row.save(update_fields=[f"{word}_by", f"{word}_at"])
            _record(actor, action, row)

    def locked(self) -> "RevealRequest":
        """The row as it is now, for this transaction alone."""
        return RevealRequest.objects.select_for_update().get(pk=self.pk)

    def mark_used(self) -> Self:
        """In the transaction that writes the event of the reveal."""
        self.refresh_from_db()
        self.used_at = timezone.now()
        self.save(update_fields=["used_at"])
        return self

    @property
    def state(self) -> State:
        """As far as the rows tell. `why_not` looks at the secret and at the log too."""
        now = timezone.now()
        if not self.is_genuine:
            return State.VOID
        if self.used_at:
            return State.USED
        if self.refused_at:
            return State.REFUSED
        if self.withdrawn_at:
            return State.WITHDRAWN
        if self.credential.secret_changed_at > self.created_at:
            return State.VOID
        if self.approved_at:
            return State.APPROVED if now < self.approved_at + USABLE else State.EXPIRED
        return State.WAITING if now < self.expires_at else State.EXPIRED

    def why_not(self, actor: Actor, credential: Credential, *, purpose: str, what: str) -> str:
        """Why this person cannot open this secret with it, in this form and for this reason; "" when they can."""
        state = self.state
        if self.credential_id != credential.pk or actor.user is None or actor.user.pk != self.requested_by_id:
            return "This request is somebody else's, or about another credential."
        if (purpose, what) != (self.reason, self.what):
            return "What was asked for is something else. Ask again."
        if state is not State.APPROVED:
            return f"The request cannot be used: {state.word.lower()}. {state.meaning}"
        if not audit_chain.secret_fits(self.secret_digest, credential.pk, credential.ciphertext):
            return State.VOID.meaning
        if self._is_used_on_record():
            return State.USED.meaning
        if self.approved_by_id == self.requested_by_id or not self._approver_still_may():
            return "Who approved it may not do that any more. Ask again."
        return ""

    def _is_used_on_record(self) -> bool:
        """By the log, too: a row put back as it was before it was used is used all the same."""
        opened = AuditEvent.objects.filter(
            subject_type="credential",
            subject_id=str(self.credential_id),
            action=str(audit.Action.CREDENTIAL_REVEALED),
            created_at__gte=self.created_at,
        )
        return any(facts.get("request") == self.pk.hex for facts in opened.values_list("facts", flat=True))

    def _approver_still_may(self) -> bool:
        return Actor(user=self.approved_by).can(Permission.CREDENTIAL_REVEAL, self.credential.organization)


def _record(
    actor: Actor, action: audit.Action, request: RevealRequest, others: Sequence[RevealRequest] = ()
) -> None:
    """One event about the credential; `others` are rows that were written with it."""
    audit.record(
        actor,
        action,
        request.credential,
        organization=request.credential.organization,
        rows=[request, *others],
        what=request.what,
        purpose=request.reason,
        request=request.pk.hex,
        requested_by=str(request.requested_by),
    )
