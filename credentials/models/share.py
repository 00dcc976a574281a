"""Shares: one sub-organization may see and use one credential of its root."""

import uuid

from django.db import models

from organizations.guarded import GuardedModel
from organizations.models import Organization
from organizations.querysets import TenantQuerySet


class ShareQuerySet(TenantQuerySet["Share"]):
    """A share belongs to the owner of its credential, who gives and takes it."""

    tenant_path = "credential__organization"


class Share(GuardedModel):
    GUARDED = ("credential_id", "organization_id")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    credential = models.ForeignKey("credentials.Credential", on_delete=models.CASCADE, related_name="shares")
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="shares",
        verbose_name="sub-organization",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["organization__name"]
        constraints = [
            models.UniqueConstraint(fields=["credential", "organization"], name="one_share_per_organization")
        ]

    def __str__(self) -> str:
        return f"{self.credential} with {self.organization}"
