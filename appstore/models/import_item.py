"""One thing that was found in an upload, sealed until it is stored, or not wanted."""

import uuid
from typing import Any

from django.db import models

from appstore.models.import_upload import ImportUpload
from credentials.fields import SealedField
from credentials.models import Credential
from credentials.models.waiting_secret import WaitingSecrets
from organizations.querysets import TenantQuerySet


class ItemState(models.TextChoices):
    NEW = "NEW", "New"
    KEY = "KEY", "Say what it is for"  # a .p8, which does not tell
    DUPLICATE = "DUPLICATE", "Here already"
    STORED = "STORED", "Stored"
    LEFT = "LEFT", "Left out"
    FAILED = "FAILED", "Not stored"


class ImportItemQuerySet(TenantQuerySet["ImportItem"]):
    tenant_path = "upload__organization"


class ImportItem(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    upload = models.ForeignKey(ImportUpload, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)  # of the credential that it becomes; "" for a .p8
    state = models.CharField(max_length=10, choices=ItemState)
    # What the page tells of it: public, and nothing is stored of these but what `content` says itself
    name = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, blank=True)
    paths = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)
    # KEY: what somebody said that it is (appstore/imports/said.py)
    said = models.JSONField(default=dict)
    chosen = models.BooleanField(default=False)
    outcome = models.CharField(max_length=300, blank=True)
    # The credential that it became, or was before
    credential = models.ForeignKey(Credential, null=True, on_delete=models.SET_NULL, related_name="+")
    content = SealedField(null=True)

    objects = ImportItemQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="import_item_once_per_upload")
        ]
        indexes = [models.Index(fields=["upload", "state"], name="import_item_by_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_label(self) -> str:
        from credentials.kinds import KINDS

        return KINDS[self.kind].label if self.kind in KINDS else "Private key (.p8)"

    @property
    def can_be_taken(self) -> bool:
        return self.state in {ItemState.NEW, ItemState.KEY}

    @staticmethod
    def sealing(organization_id: Any) -> WaitingSecrets:
        return WaitingSecrets(organization_id, "appstore.ImportItem.content")
