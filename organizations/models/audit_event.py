"""The activity log's rows. `organizations/audit.py` is their only writer."""

import hmac
import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from organizations import audit_chain
from organizations.querysets import AppendOnlyQuerySet


class AuditEvent(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        "organizations.Organization", null=True, on_delete=models.PROTECT, related_name="audit_events"
    )
    chain = models.UUIDField(editable=False)
    sequence = models.PositiveBigIntegerField(editable=False)
    mac = models.CharField(max_length=80, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    # No constraint: an event outlives its actor, and never changes.
    actor_user = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    actor_label = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=254)
    facts = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    # The ciphertext that this event stored; the guards of the rows that it wrote, None of those it took away
    secret_digest = models.CharField(max_length=80, blank=True, editable=False)
    rows = models.JSONField(default=dict, editable=False)

    objects = AppendOnlyQuerySet["AuditEvent"].as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="one_event_per_place")]
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="audit_by_organization"),
            models.Index(fields=["subject_type", "subject_id", "-created_at"], name="audit_by_subject"),
            models.Index(
                fields=["subject_id", "-sequence"],
                condition=~models.Q(secret_digest=""),
                name="audit_of_secrets",
            ),
            models.Index(
                fields=["actor_user", "-created_at"],
                condition=models.Q(action="credential:revealed", actor_user__isnull=False),
                name="audit_of_reveals",
            ),
            # For the tables of usage, which count and add up. What CredHub itself does is most of the log.
            models.Index(
                fields=["organization", "action", "subject_id", "created_at", "actor_label"],
                condition=~models.Q(actor_label="CredHub"),
                name="audit_of_people_and_tokens",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.subject_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Audit events are written once and never changed.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Audit events are written once and never deleted.")

    @property
    def is_genuine(self) -> bool:
        """Whether CredHub wrote this event, in this place of the chain."""
        before = ""
        if self.sequence > 1:
            earlier = AuditEvent.objects.filter(chain=self.chain, sequence=self.sequence - 1)
            before = earlier.values_list("mac", flat=True).first() or "?"
        version = self.mac.partition(":")[0]
        values = {name: getattr(self, name) for name in audit_chain.COLUMNS}
        return version.isdecimal() and hmac.compare_digest(
            self.mac, audit_chain.event_mac(before, values, int(version))
        )

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        from organizations.audit import sentence

        return sentence(self.action)
