"""Which key a person chose last for a team, so that the next choice starts from it."""

from django.db import models

from appstore.models.app_store_connect_key import AppStoreConnectKey
from appstore.models.developer_team import DeveloperTeam


class KeyPreference(models.Model):
    user = models.ForeignKey("organizations.User", on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(DeveloperTeam, on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(AppStoreConnectKey, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_key_preference_per_team")]
