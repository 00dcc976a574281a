"""The circuit breaker of one of Apple's hosts, for one key or (no key) for all of them."""

from django.db import models

from appstore.models.app_store_connect_key import AppStoreConnectKey


class Breaker(models.Model):
    """There is a row while something fails; a success removes it. Times by the database's clock."""

    host = models.CharField(max_length=255)
    key = models.ForeignKey(AppStoreConnectKey, null=True, on_delete=models.CASCADE, related_name="breakers")
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField()
    open_until = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(
        default=0
    )  # times in a row: each lasts twice as long as the one before

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "key"], name="one_breaker_per_host_and_key"),
            models.UniqueConstraint(
                fields=["host"], condition=models.Q(key=None), name="one_breaker_per_host"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host} for {self.key or 'every key'}"
