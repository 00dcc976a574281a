"""Where each audit chain ends. Its row is the lock: events of one chain are written one after the other."""

import uuid
from typing import Self

from django.db import IntegrityError, models, transaction

from organizations import audit_chain
from organizations.errors import AuditUnavailableError


class AuditHead(models.Model):
    chain = models.UUIDField(primary_key=True, editable=False)
    sequence = models.PositiveBigIntegerField(default=0)
    mac = models.CharField(max_length=80, default="")
    guard = models.CharField(max_length=80, default="")

    def __str__(self) -> str:
        return f"{self.chain} at {self.sequence}"

    @classmethod
    def lock(cls, chain: uuid.UUID) -> Self:
        """The chain's head, for this transaction alone. Raises AuditUnavailableError when CredHub did not write it."""
        head = cls.objects.select_for_update().filter(chain=chain).first()
        if head is None:
            try:
                with transaction.atomic():
                    cls.objects.create(chain=chain, guard=audit_chain.head_mac(chain, 0, ""))
            except IntegrityError:  # somebody else began the chain in this moment
                pass
            head = cls.objects.select_for_update().get(chain=chain)
        if not head.fits:
            raise AuditUnavailableError(
                "The activity log was changed past CredHub. `manage.py verify_audit` tells more."
            )
        return head

    @property
    def fits(self) -> bool:
        return audit_chain.head_fits(self.chain, self.sequence, self.mac, self.guard)

    def advance(self, mac: str) -> None:
        self.sequence += 1
        self.mac = mac
        self.guard = audit_chain.head_mac(self.chain, self.sequence, mac)
        self.save(update_fields=["sequence", "mac", "guard"])
