"""The only writer of audit events.

Facts are allowed by name: an event stores what SAFE_FACTS lists and refuses anything else, so that a secret
cannot slip in under a new name or type.
"""

import json
import uuid
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, models, transaction
from django.utils import timezone

from organizations import audit_chain
from organizations.actors import Actor
from organizations.errors import AuditUnavailableError
from organizations.guarded import GuardedModel

if TYPE_CHECKING:
    from organizations.models import AuditEvent, Organization

SAFE_FACTS = frozenset(
    {
        "email", "role", "was", "now", "key_id", "issuer_id", "key_type", "kind", "purpose", "name",
        "shared_with_all", "gained", "lost", "outcome", "trigger", "counts", "serial_number", "uuid", "with_key",
        "reason", "page", "method", "what", "request", "requested_by", "approved_by", "scopes", "expires_at",
        "bundle_id", "bundle_ids", "distribution", "networks", "provider", "issuer", "claims", "old_ends_at",
        "client_email", "project_id", "private_key_id", "fingerprints", "team_id", "environment", "account",
        "host", "events", "sub_organization", "shared_by",
    }
)  # fmt: skip


class Action(StrEnum):
    """`resource:what happened`, alphabetical."""

    ACCESS_DENIED = "access:denied"
    APP_ADDED = "app:added"
    APP_ASSIGNED = "app:assigned"
    APP_CHANGED = "app:changed"
    APP_FROZEN = "app:frozen"
    APP_REMOVED = "app:removed"
    APP_UNASSIGNED = "app:unassigned"
    APP_UNFROZEN = "app:unfrozen"
    APPLE_TOKEN_MINTED = "apple-token:minted"
    ASSET_DOWNLOADED = "asset:downloaded"
    ASSET_FETCHED = "asset:fetched"
    AUDIT_STARTED = "audit:started"
    BUNDLE_ID_CHANGED = "bundle-id:changed"
    BUNDLE_ID_REGISTERED = "bundle-id:registered"
    CERTIFICATE_CREATED = "certificate:created"
    CERTIFICATE_REVOKED = "certificate:revoked"
    CHANGE_ORDERED = "change:ordered"
    CREDENTIAL_ARCHIVED = "credential:archived"
    CREDENTIAL_CHECKED = "credential:checked"
    CREDENTIAL_CREATED = "credential:created"
    CREDENTIAL_RENAMED = "credential:renamed"
    CREDENTIAL_REPLACED = "credential:replaced"
    CREDENTIAL_RESEALED = "credential:resealed"
    CREDENTIAL_RESTORED = "credential:restored"
    CREDENTIAL_REVEAL_REFUSED = "credential:reveal-refused"
    CREDENTIAL_REVEAL_SWITCHED = "credential:reveal-switched"
    CREDENTIAL_REVEALED = "credential:revealed"
    CREDENTIAL_SHARED = "credential:shared"
    DEVICE_APPROVED = "device:approved"
    DEVICE_ASKED_FOR = "device:asked-for"
    DEVICE_CHANGED = "device:changed"
    DEVICE_DECLINED = "device:declined"
    DEVICE_INVITATION_CREATED = "device-invitation:created"
    DEVICE_INVITATION_REVOKED = "device-invitation:revoked"
    DEVICE_REGISTERED = "device:registered"
    IMPORT_DISCARDED = "import:discarded"
    IMPORT_FINISHED = "import:finished"
    IMPORT_UPLOADED = "import:uploaded"
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
    ORGANIZATION_REVEAL_APPROVAL = "organization:reveal-approval"
    ORGANIZATION_SECOND_FACTOR = "organization:second-factor"
    PASSWORD_CHANGED = "password:changed"
    PASSWORD_RESET = "password:reset"
    PROFILE_CREATED = "profile:created"
    PROFILE_DELETED = "profile:deleted"
    PROVIDER_REFUSED = "provider:refused"
    PROVIDER_REMOVED = "provider:removed"
    PROVIDER_TRUSTED = "provider:trusted"
    PROVIDER_USED = "provider:used"
    REVEAL_APPROVED = "reveal:approved"
    REVEAL_REFUSED = "reveal:refused"
    REVEAL_REQUESTED = "reveal:requested"
    SECOND_FACTOR_ADDED = "second-factor:added"
    SECOND_FACTOR_REMOVED = "second-factor:removed"
    SESSIONS_ENDED = "session:ended"
    SESSION_STARTED = "session:started"
    SIGN_IN_BLOCKED = "sign-in:blocked"
    SIGN_IN_FAILED = "sign-in:failed"
    SYNC_FINISHED = "sync:finished"
    SYNC_HOLD_ANSWERED = "sync:hold-answered"
    SYNC_REQUESTED = "sync:requested"
    TOKEN_CREATED = "token:created"
    TOKEN_ENDING = "token:ending"
    TOKEN_GUESSED = "token:guessed"
    TOKEN_REVOKED = "token:revoked"
    TOKEN_ROTATED = "token:rotated"
    TOKEN_USED = "token:used"
    USAGE_EXPORTED = "usage:exported"
    USER_LOCKED = "user:locked"
    USER_UNLOCKED = "user:unlocked"

    WEBHOOK_ADDED = "webhook:added"
    WEBHOOK_CHANGED = "webhook:changed"
    WEBHOOK_DELETED = "webhook:deleted"
    WEBHOOK_SECRET_REPLACED = "webhook:secret-replaced"
    WEBHOOK_STOPPED = "webhook:stopped"
    WEBHOOK_TURNED = "webhook:turned"

    @property
    def label(self) -> str:
        return sentence(self)


SENTENCES = {
    Action.ACCESS_DENIED: "was refused",
    Action.APP_ADDED: "added the app",
    Action.APP_ASSIGNED: "chose what signs the app",
    Action.APP_CHANGED: "changed the app",
    Action.APP_FROZEN: "froze the signing of the app",
    Action.APP_REMOVED: "removed the app",
    Action.APP_UNASSIGNED: "took back a choice for the app",
    Action.APP_UNFROZEN: "unfroze the signing of the app",
    Action.APPLE_TOKEN_MINTED: "got a token for some requests to Apple with",
    Action.ASSET_DOWNLOADED: "downloaded",
    Action.ASSET_FETCHED: "fetched a fresh copy of",
    Action.AUDIT_STARTED: "found when the log became a chain",
    Action.BUNDLE_ID_CHANGED: "changed at Apple the bundle ID",
    Action.BUNDLE_ID_REGISTERED: "registered at Apple the bundle ID",
    Action.CERTIFICATE_CREATED: "created at Apple the certificate",
    Action.CERTIFICATE_REVOKED: "revoked at Apple the certificate",
    Action.CHANGE_ORDERED: "ordered a change at Apple of",
    Action.CREDENTIAL_ARCHIVED: "archived the credential",
    Action.CREDENTIAL_CHECKED: "checked at Apple the key",
    Action.CREDENTIAL_CREATED: "added the credential",
    Action.CREDENTIAL_RENAMED: "renamed the credential",
    Action.CREDENTIAL_REPLACED: "replaced the secret of",
    Action.CREDENTIAL_RESEALED: "sealed under a new data key",
    Action.CREDENTIAL_RESTORED: "restored the credential",
    Action.CREDENTIAL_REVEAL_REFUSED: "was refused the secret of",
    Action.CREDENTIAL_REVEAL_SWITCHED: "changed whether people may see the secret of",
    Action.CREDENTIAL_REVEALED: "opened the secret of",
    Action.CREDENTIAL_SHARED: "changed who shares",
    Action.DEVICE_APPROVED: "approved the registration of the device",
    Action.DEVICE_ASKED_FOR: "asked by a link for the registration of the device",
    Action.DEVICE_CHANGED: "changed at Apple the device",
    Action.DEVICE_DECLINED: "declined to register the device",
    Action.DEVICE_INVITATION_CREATED: "made the device invitation",
    Action.DEVICE_INVITATION_REVOKED: "took back the device invitation",
    Action.DEVICE_REGISTERED: "registered at Apple the device",
    Action.IMPORT_DISCARDED: "discarded what was uploaded as",
    Action.IMPORT_FINISHED: "imported",
    Action.IMPORT_UPLOADED: "uploaded for import",
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
    Action.ORGANIZATION_REVEAL_APPROVAL: "changed whether a second person approves reveals in",
    Action.ORGANIZATION_SECOND_FACTOR: "changed whether a second factor is required by",
    Action.PASSWORD_CHANGED: "changed the password of",
    Action.PASSWORD_RESET: "set the forgotten password anew of",
    Action.PROFILE_CREATED: "created at Apple the profile",
    Action.PROFILE_DELETED: "deleted at Apple the profile",
    Action.PROVIDER_REFUSED: "was refused a token by the trusted CI provider",
    Action.PROVIDER_REMOVED: "no longer trusts the CI provider",
    Action.PROVIDER_TRUSTED: "trusted the CI provider",
    Action.PROVIDER_USED: "was made for a CI job, by the trusted provider",
    Action.REVEAL_APPROVED: "approved that somebody sees the secret of",
    Action.REVEAL_REFUSED: "turned down that somebody sees the secret of",
    Action.REVEAL_REQUESTED: "asked to see the secret of",
    Action.SECOND_FACTOR_ADDED: "added a second factor to",
    Action.SECOND_FACTOR_REMOVED: "removed a second factor from",
    Action.SESSIONS_ENDED: "ended sessions of",
    Action.SESSION_STARTED: "signed in as",
    Action.SIGN_IN_BLOCKED: "was stopped after too many attempts at",
    Action.SIGN_IN_FAILED: "failed to sign in as",
    Action.SYNC_FINISHED: "finished syncing",
    Action.SYNC_HOLD_ANSWERED: "said what becomes of what is missing at Apple of",
    Action.SYNC_REQUESTED: "asked for a sync of",
    Action.TOKEN_CREATED: "created the API token",
    Action.TOKEN_ENDING: "warned of the end of the API token",
    Action.TOKEN_GUESSED: "was stopped after too many",
    Action.TOKEN_REVOKED: "revoked the API token",
    Action.TOKEN_ROTATED: "gave a new secret to the API token",
    Action.TOKEN_USED: "used",
    Action.USAGE_EXPORTED: "took the list of pulls of",
    Action.USER_LOCKED: "locked out",
    Action.USER_UNLOCKED: "let back in",
    Action.WEBHOOK_ADDED: "added the webhook",
    Action.WEBHOOK_CHANGED: "changed the webhook",
    Action.WEBHOOK_DELETED: "deleted the webhook",
    Action.WEBHOOK_SECRET_REPLACED: "gave a new signing secret to the webhook",
    Action.WEBHOOK_STOPPED: "stopped, after days of failed deliveries, the webhook",
    Action.WEBHOOK_TURNED: "turned on or off the webhook",
}


def sentence(action: str) -> str:
    """The words between actor and subject. An action of a newer version is shown by its name."""
    try:
        return SENTENCES[Action(action)]
    except ValueError:
        return action


def safe(facts: dict[str, Any]) -> dict[str, Any]:
    """Those of a credential's public facts that events keep."""
    return {name: value for name, value in facts.items() if name in SAFE_FACTS}


def record(
    actor: Actor,
    action: Action,
    subject: models.Model,
    *,
    organization: "Organization | None",
    ciphertext: bytes | None = None,
    rows: Iterable[GuardedModel] = (),
    gone: Iterable[GuardedModel] = (),
    **facts: Any,
) -> "AuditEvent":
    """Write one event, inside the caller's transaction: what is not recorded did not happen.

    `organization` is whose log it is in. Facts are names of SAFE_FACTS with plain JSON values. `ciphertext` is
    what was stored with it, `rows` the guarded rows that were written, `gone` those that were deleted:
    the event keeps digests of them.

    Raises ValueError for any other fact, AuditUnavailableError when it cannot be written.
    """
    unknown = facts.keys() - SAFE_FACTS
    if unknown:
        raise ValueError(f"Not an audit fact: {', '.join(sorted(unknown))}")
    told = {name: value for name, value in facts.items() if value not in (None, "")}
    values = {
        "organization_id": organization.pk if organization else None,
        "action": str(action),
        "subject_type": str(subject._meta.model_name),
        "subject_id": str(subject.pk),
        "subject_label": str(subject)[:254],
        "facts": json.loads(json.dumps(told)),
        "secret_digest": "" if ciphertext is None else audit_chain.secret_digest(subject.pk, ciphertext),
        "rows": {row_name(row): row.guard for row in rows} | {row_name(row): None for row in gone},
        **actor.as_facts(),
    }
    try:
        return _append(values, organization, actor)
    except DatabaseError as error:
        raise AuditUnavailableError("This cannot be recorded now, so it was not done. Try again.") from error


def row_name(row: models.Model) -> str:
    """How events name a guarded row."""
    return f"{row._meta.label}:{row.pk.hex}"


def _append(values: dict[str, Any], organization: "Organization | None", actor: Actor) -> "AuditEvent":
    from organizations.models import AuditEvent, AuditHead
    from organizations.webhooks import outbox

    with transaction.atomic():
        head = AuditHead.lock(audit_chain.chain_of(values["organization_id"]))
        place = {
            "chain": head.chain,
            "sequence": head.sequence + 1,
            "id": uuid.uuid4(),
            "created_at": timezone.now(),
        }
        mac = audit_chain.event_mac(head.mac, {**values, **place})
        event = AuditEvent.objects.create(**values, **place, mac=mac)
        head.advance(mac)
        outbox.tell_of(event, organization, is_system=actor.is_system)
    return event
