"""The deployment's own keys: of the audit chains, of what guards rows, of secrets that belong to people.

Wrapped by a master key as data keys are; plain ones exist in memory only.
"""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from credentials import crypto, keyring
from credentials.models.data_key import Deployment


class SystemKey(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(unique=True)
    master_key_id = models.CharField(max_length=200)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"System key {self.version}"

    @staticmethod
    def context(deployment: uuid.UUID, version: int) -> bytes:
        return crypto.canonical("system key", str(deployment), str(version))

    @classmethod
    def ensure(cls) -> None:
        """Make the first one, where there is none. The migration does it: never in the middle of a request, whose
        rollback would take the key of everything that was guarded since."""
        if not cls.objects.exists():
            cls.make(version=1)

    @classmethod
    def make(cls, version: int) -> "SystemKey":
        return cls.objects.create(**cls.columns(Deployment.current().pk, version))

    @classmethod
    def columns(cls, deployment: uuid.UUID, version: int) -> dict[str, Any]:
        """What the row of a new key holds (for the migration, too, which knows the table as it was then)."""
        key_id, wrapped = keyring.configured().wrap(crypto.new_data_key(), cls.context(deployment, version))
        return {"version": version, "master_key_id": key_id, "wrapped": wrapped}

    def open(self) -> bytes:
        """The plain key. Raises MasterKeyError, KeyProviderUnreachableError, SealError."""
        context = self.context(Deployment.current().pk, self.version)
        return keyring.configured().unwrap(self.master_key_id, bytes(self.wrapped), context)
