"""The pages of a list that a sync has written already, so that one that was cut off goes on behind the last."""

from django.db import models

from appstore.models.sync_run import SyncRun


class SyncPage(models.Model):
    """Kept until the run ends. `apple_ids` are those on the page, `next_url` the page after it ("": the last)."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="pages")
    collection = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    apple_ids = models.JSONField()
    next_url = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "collection", "number"], name="one_row_per_page")
        ]

    def __str__(self) -> str:
        return f"{self.collection}, page {self.number}"
