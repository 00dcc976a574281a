"""What happened to Apple's objects: seen first, changed what, gone, back. The history of each, and of each sync."""

import uuid

from django.db import models

from appstore.models.developer_team import DeveloperTeam, OfTeamsQuerySet
from appstore.models.sync_run import SyncRun


class What(models.TextChoices):
    NEW = "NEW", "New"
    CHANGED = "CHANGED", "Changed"
    GONE = "GONE", "Gone at Apple"
    BACK = "BACK", "Back at Apple"
    PURGED = "PURGED", "Removed from CredHub"


class ObjectChange(models.Model):
    """`fields` of a CHANGED: column → [before, after], texts; a file says only that it is another one."""

    BUNDLE_ID = None  # names objects of every app

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(DeveloperTeam, on_delete=models.CASCADE, related_name="changes")
    run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="changes")
    collection = models.CharField(max_length=20)
    # No foreign key: the history of an object outlives its row
    object_id = models.UUIDField()
    apple_id = models.CharField("ID at Apple", max_length=100)
    name = models.CharField(max_length=255, blank=True)
    what = models.CharField(max_length=10, choices=What)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OfTeamsQuerySet["ObjectChange"].as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        indexes = [
            models.Index(fields=["team", "object_id", "-created_at"], name="change_by_object"),
            models.Index(fields=["run", "collection"], name="change_by_run"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.name or self.apple_id}"
