"""More would vanish at once than is believable: held until somebody says whether it is true.

The sync itself goes on. What Apple does not list any more stays as it is, and people are asked.
"""

import uuid
from typing import Self

from django.db import models

from appstore.models.developer_team import DeveloperTeam, OfTeamsQuerySet


class Answer(models.TextChoices):
    NONE = "", "Waits for an answer"
    CONTINUE = "CONTINUE", "Marked as gone"
    KEEP = "KEEP", "Kept"


class HeldSweepQuerySet(OfTeamsQuerySet["HeldSweep"]):
    def open(self) -> Self:
        return self.filter(answer=Answer.NONE)


class HeldSweep(models.Model):
    """One of a team's collections; `missing` of its `total` rows were in none of the last complete lists."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(DeveloperTeam, on_delete=models.CASCADE, related_name="held_sweeps")
    collection = models.CharField(max_length=20)
    generation = models.PositiveBigIntegerField()
    missing = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    answer = models.CharField(max_length=10, choices=Answer, blank=True, default=Answer.NONE)
    answered_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HeldSweepQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "collection"],
                condition=models.Q(answer=""),
                name="one_open_hold_per_collection",
            )
        ]

    def __str__(self) -> str:
        return f"{self.missing} of {self.total} {self.collection} of {self.team}"
