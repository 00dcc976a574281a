"""The events that a webhook may be told of. Their names and what they carry are promises to receivers."""

from django.db import models

from organizations.audit import Action


class Event(models.TextChoices):
    CREDENTIAL_ADDED = "credential.added", "A credential was added"
    CREDENTIAL_REPLACED = "credential.replaced", "A credential got a new secret"
    CREDENTIAL_ARCHIVED = "credential.archived", "A credential was archived"
    CREDENTIAL_SHARED = "credential.shared", "Who shares a credential changed"
    CREDENTIAL_REVEALED = "credential.revealed", "A person or a token opened a secret"
    CREDENTIAL_EXPIRING = "credential.expiring", "A credential expires in 30, 7 or 1 days"
    CREDENTIAL_EXPIRED = "credential.expired", "A credential expired"
    CERTIFICATE_EXPIRING = "certificate.expiring", "A certificate at Apple expires in 30, 7 or 1 days"
    CERTIFICATE_EXPIRED = "certificate.expired", "A certificate at Apple expired"
    PROFILE_EXPIRING = "profile.expiring", "A profile at Apple expires in 30, 7 or 1 days"
    PROFILE_EXPIRED = "profile.expired", "A profile at Apple expired"
    SYNC_SUCCEEDED = "sync.succeeded", "A sync with Apple is done"
    SYNC_FAILED = "sync.failed", "A sync with Apple failed"
    KEY_REFUSED = "key.refused", "Apple refuses an API key"
    CHANGE_DONE = "change.done", "A change at Apple is done"
    CHANGE_FAILED = "change.failed", "A change at Apple failed"


TEST = "webhook.test"
# What stands in the activity log and is told of. Everything else tells of itself: see appstore/announcing.py.
OF_ACTIONS = {
    str(Action.CREDENTIAL_CREATED): Event.CREDENTIAL_ADDED,
    str(Action.CREDENTIAL_REPLACED): Event.CREDENTIAL_REPLACED,
    str(Action.CREDENTIAL_ARCHIVED): Event.CREDENTIAL_ARCHIVED,
    str(Action.CREDENTIAL_SHARED): Event.CREDENTIAL_SHARED,
    str(Action.CREDENTIAL_REVEALED): Event.CREDENTIAL_REVEALED,
}
# Of an event's facts, those that leave. Not what people wrote for each other (purpose, reason), and no addresses.
PUBLIC_FACTS = frozenset(
    {
        "kind", "key_id", "issuer_id", "key_type", "team_id", "shared_with_all", "gained", "lost", "what",
        "serial_number", "bundle_id", "distribution", "trigger", "counts", "code", "message", "title", "expires_at",
        "days_left", "fingerprints", "uuid", "run", "sub_organization",
    }
)  # fmt: skip
