"""Data keys: each organization's own, wrapped by a master key. Plain ones exist in memory only."""

import uuid

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from credentials import crypto, keyring
from organizations.models import Organization


class Deployment(models.Model):
    """One row: the name of this deployment, which every sealed value is bound to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    only = models.BooleanField(default=True, unique=True, editable=False)

    @classmethod
    def current(cls) -> "Deployment":
        return cls.objects.get_or_create(only=True)[0]


class DataKeyGoneError(crypto.SealError):
    """A value needs a data key that is not there, or not there any more."""


class DataKey(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="data_keys")
    version = models.PositiveIntegerField()
    # Both empty once the key is destroyed: nothing opens what it sealed, and no other takes its version
    master_key_id = models.CharField(max_length=200)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    destroyed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["organization", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "version"], name="one_data_key_per_version")
        ]

    def __str__(self) -> str:
        return f"Data key {self.version} of {self.organization}"

    @staticmethod
    def context(deployment: uuid.UUID, organization_id: uuid.UUID, version: int) -> bytes:
        return crypto.canonical("data key", str(deployment), str(organization_id), str(version))

    @classmethod
    def current_for(cls, organization_id: uuid.UUID) -> "DataKey":
        """The key that seals new values of this organization; made on first use. Opening it raises when the
        organization was destroyed."""
        newest = cls.objects.filter(organization_id=organization_id).order_by("-version").first()
        return newest or cls.make(organization_id, version=1)

    @classmethod
    def make(cls, organization_id: uuid.UUID, version: int) -> "DataKey":
        made = cls.new(organization_id, version)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:  # somebody else made it in this moment: theirs is the one
            return cls.objects.get(organization_id=organization_id, version=version)
        return made

    @classmethod
    def new(cls, organization_id: uuid.UUID, version: int) -> "DataKey":
        """Made and wrapped, and not stored yet."""
        context = cls.context(Deployment.current().pk, organization_id, version)
        key_id, wrapped = keyring.configured().wrap(crypto.new_data_key(), context)
        return cls(organization_id=organization_id, version=version, master_key_id=key_id, wrapped=wrapped)

    @classmethod
    def of(cls, organization_id: uuid.UUID, version: int) -> "DataKey":
        """Raises DataKeyGoneError when the organization has no such data key."""
        try:
            return cls.objects.get(organization_id=organization_id, version=version)
        except cls.DoesNotExist:
            raise DataKeyGoneError(f"Data key {version} of this organization is not here.") from None

    def destroy(self) -> None:
        """Forget the key for good. The row stays: no other key may take its version."""
        self.wrapped, self.master_key_id, self.destroyed_at = b"", "", timezone.now()
        self.save(update_fields=["wrapped", "master_key_id", "destroyed_at"])
        keyring.forget()

    def open(self) -> bytes:
        """The plain data key. Raises MasterKeyError, KeyProviderUnreachableError, SealError."""
        if self.destroyed_at:
            raise DataKeyGoneError(f"Data key {self.version} of this organization is destroyed for good.")
        context = self.context(Deployment.current().pk, self.organization_id, self.version)
        return keyring.configured().unwrap(self.master_key_id, bytes(self.wrapped), context)
