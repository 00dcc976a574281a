"""An upload that is being imported: sealed from the first moment, kept until it is read, and a day at the longest."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from appstore.models.run_states import ACTIVE
from appstore.models.sync_run import SyncRun
from credentials.fields import SealedField
from credentials.models.waiting_secret import WaitingSecrets
from organizations.models import Organization
from organizations.querysets import TenantQuerySet

if TYPE_CHECKING:
    from appstore.models.import_item import ImportItem

KEPT = timedelta(hours=24)
# Why reading ended although what was uploaded is fine: it can be read again with another passphrase
PASSPHRASE_CODES = frozenset({"passphrase-needed", "wrong-passphrase"})


class ImportState(models.TextChoices):
    READING = "READING", "Reading"
    READ = "READ", "Waiting for you"
    STORING = "STORING", "Storing"
    DONE = "DONE", "Done"
    DISCARDED = "DISCARDED", "Discarded"
    EXPIRED = "EXPIRED", "Not confirmed in time"


OPEN = (ImportState.READING, ImportState.READ, ImportState.STORING)


class ImportUploadQuerySet(TenantQuerySet["ImportUpload"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def without_content(self) -> Self:
        """Pages do not even carry the ciphertext."""
        return self.defer("content", "passwords")


class ImportUpload(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    uploaded_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.READING)
    # The zip, and as JSON what its files are opened with. Both go as soon as it is read.
    content = SealedField(null=True)
    passwords = SealedField(null=True)
    # What could not be taken, and why: lists of [path, sentence]
    problems = models.JSONField(default=list)
    # The run of the phase it is in
    run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ImportUploadQuerySet.as_manager()
    items: "models.QuerySet[ImportItem]"

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def locked(self) -> "ImportUpload":
        """The row as it is now, without what is sealed in it, for this transaction alone."""
        rows = ImportUpload.objects.without_content().select_related("run", "organization__parent")
        return rows.select_for_update(of=("self",)).get(pk=self.pk)

    def page_path(self) -> str:
        return reverse("import", args=[self.organization.slug, self.pk])

    def sealing(self, field: str) -> WaitingSecrets:
        return WaitingSecrets(self.organization_id, f"appstore.ImportUpload.{field}")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_under_way(self) -> bool:
        """A worker is at it, or will be."""
        return self.is_open and self.run is not None and self.run.state in ACTIVE

    @property
    def has_failed(self) -> bool:
        return self.state in {ImportState.READING, ImportState.STORING} and not self.is_under_way

    @property
    def wants_passphrase(self) -> bool:
        """What was uploaded is still here, and only its passphrase was not right."""
        if self.state != ImportState.READING or not self.has_failed or self.run is None:
            return False
        return self.run.error_code in PASSPHRASE_CODES

    def end(self, state: ImportState) -> None:
        """Whatever is sealed of it is deleted. In the caller's transaction."""
        self.items.exclude(content__isnull=True).update(content=None)
        self.state, self.ended_at = state, timezone.now()
        self.content = self.passwords = None
        self.save(update_fields=["state", "ended_at", "content", "passwords"])

    def forget(self, state: ImportState) -> None:
        """`end`, and what was found is not even told any more."""
        self.items.all().delete()
        self.problems = []
        self.save(update_fields=["problems"])
        self.end(state)


def new_upload(organization: Organization, **fields: Any) -> ImportUpload:
    return ImportUpload(organization=organization, expires_at=timezone.now() + KEPT, **fields)
