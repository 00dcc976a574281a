"""Taking back what somebody was given: an invitation, a token. The row stays, and with it who had it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from organizations import audit
from organizations.actors import Actor


def revoke(actor: Actor, row: Any, action: audit.Action, **facts: Any) -> None:
    """From now on it is worth nothing: `revoked_at` and the event, together."""
    with transaction.atomic():
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        audit.record(actor, action, row, organization=row.organization, rows=[row], **facts)
