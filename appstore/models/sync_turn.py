"""When an organization's work was taken up last: whose turn was longest ago is served next."""

from django.db import models

from organizations.models import Organization


class SyncTurn(models.Model):
    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.organization} at {self.at}"
