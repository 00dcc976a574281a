"""The only writer of audit events.

Facts are allowed by name: an event stores what SAFE_FACTS lists and refuses anything else, so that a secret
cannot slip in under a new name or type.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models

from organizations.actors import Actor

if TYPE_CHECKING:
    from organizations.models import AuditEvent, Organization

SAFE_FACTS = frozenset(
    {
        "email", "role", "was", "now", "key_id", "issuer_id", "key_type", "kind", "purpose", "name",
        "shared_with_all", "gained", "lost", "outcome", "trigger", "counts", "serial_number", "uuid", "with_key",
        "reason",
    }
)  # fmt: skip


class Action(StrEnum):
    """`resource:what happened`, alphabetical."""

    ASSET_DOWNLOADED = "asset:downloaded"
    ASSET_FETCHED = "asset:fetched"
    CREDENTIAL_ARCHIVED = "credential:archived"
    CREDENTIAL_CHECKED = "credential:checked"
    CREDENTIAL_CREATED = "credential:created"
    CREDENTIAL_RENAMED = "credential:renamed"
    CREDENTIAL_REPLACED = "credential:replaced"
    CREDENTIAL_RESEALED = "credential:resealed"
    CREDENTIAL_RESTORED = "credential:restored"
    CREDENTIAL_REVEALED = "credential:revealed"
    CREDENTIAL_SHARED = "credential:shared"
    INVITATION_REVOKED = "invitation:revoked"
    MEMBER_INVITED = "member:invited"
    MEMBER_JOINED = "member:joined"
    MEMBER_REMOVED = "member:removed"
    MEMBER_ROLE_CHANGED = "member:role-changed"
    ORGANIZATION_ARCHIVED = "organization:archived"
    ORGANIZATION_CREATED = "organization:created"
    ORGANIZATION_DESTROYED = "organization:destroyed"
    ORGANIZATION_RENAMED = "organization:renamed"
    ORGANIZATION_RESTORED = "organization:restored"
    SESSION_STARTED = "session:started"
    SYNC_FINISHED = "sync:finished"
    SYNC_REQUESTED = "sync:requested"
    USER_LOCKED = "user:locked"
    USER_UNLOCKED = "user:unlocked"

    @property
    def label(self) -> str:
        return sentence(self)


SENTENCES = {
    Action.ASSET_DOWNLOADED: "downloaded",
    Action.ASSET_FETCHED: "fetched a fresh copy of",
    Action.CREDENTIAL_ARCHIVED: "archived the credential",
    Action.CREDENTIAL_CHECKED: "checked at Apple the key",
    Action.CREDENTIAL_CREATED: "added the credential",
    Action.CREDENTIAL_RENAMED: "renamed the credential",
    Action.CREDENTIAL_REPLACED: "replaced the private key of",
    Action.CREDENTIAL_RESEALED: "sealed under a new data key",
    Action.CREDENTIAL_RESTORED: "restored the credential",
    Action.CREDENTIAL_REVEALED: "opened the secret of",
    Action.CREDENTIAL_SHARED: "changed who shares",
    Action.INVITATION_REVOKED: "took back the invitation of",
    Action.MEMBER_INVITED: "invited",
    Action.MEMBER_JOINED: "made a member of",
    Action.MEMBER_REMOVED: "removed the member",
    Action.MEMBER_ROLE_CHANGED: "changed the role of",
    Action.ORGANIZATION_ARCHIVED: "archived the organization",
    Action.ORGANIZATION_CREATED: "created the organization",
    Action.ORGANIZATION_DESTROYED: "destroyed for good the organization",
    Action.ORGANIZATION_RENAMED: "renamed the organization",
    Action.ORGANIZATION_RESTORED: "restored the organization",
    Action.SESSION_STARTED: "signed in as",
    Action.SYNC_FINISHED: "finished syncing",
    Action.SYNC_REQUESTED: "asked for a sync of",
    Action.USER_LOCKED: "locked out",
    Action.USER_UNLOCKED: "let back in",
}


def sentence(action: str) -> str:
    """The words between actor and subject. An action of a newer version is shown by its name."""
    try:
        return SENTENCES[Action(action)]
    except ValueError:
        return action


def record(
    actor: Actor,
    action: Action,
    subject: models.Model,
    *,
    organization: "Organization | None",
    **facts: Any,
) -> "AuditEvent":
    """Write one event, inside the caller's transaction: what is not recorded did not happen.

    `organization` is whose log it is in. Facts are names of SAFE_FACTS with plain JSON values.
    Raises ValueError for any other fact.
    """
    from organizations.models import AuditEvent

    unknown = facts.keys() - SAFE_FACTS
    if unknown:
        raise ValueError(f"Not an audit fact: {', '.join(sorted(unknown))}")
    return AuditEvent.objects.create(
        organization=organization,
        action=action,
        subject_type=str(subject._meta.model_name),
        subject_id=str(subject.pk),
        subject_label=str(subject)[:254],
        facts={name: value for name, value in facts.items() if value not in (None, "")},
        **actor.as_facts(),
    )
