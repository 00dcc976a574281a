"""The keyed hash chain under the activity log: each event's digest covers the event before it.

Every organization has a chain of its own; what concerns none is in the deployment's. Sequences start at 1 and
have no gaps. `AuditHead` says where a chain ends, and carries a digest too, so that a cut tail shows.
"""

import json
import uuid
from datetime import UTC
from typing import Any

from organizations import integrity

DEPLOYMENT = uuid.UUID(int=0)
PURPOSE = "audit"
# Every column of an event but its own digest; the order is part of the format
COLUMNS = (
    "chain", "sequence", "id", "organization_id", "created_at", "actor_user_id", "actor_label", "action",
    "subject_type", "subject_id", "subject_label", "facts", "address", "request_id", "secret_digest", "rows",
)  # fmt: skip
_dump = json.JSONEncoder(separators=(",", ":"), sort_keys=True, ensure_ascii=True).encode


def chain_of(organization_id: uuid.UUID | None) -> uuid.UUID:
    return organization_id or DEPLOYMENT


def event_words(values: dict[str, Any]) -> tuple[str, ...]:
    """An event as words that are the same whichever database it comes from, in the order of COLUMNS. Spelled out,
    because verifying does it for every event there ever was."""
    organization, actor = values["organization_id"], values["actor_user_id"]
    return (
        values["chain"].hex,
        str(values["sequence"]),
        values["id"].hex,
        organization.hex if organization else "",
        values["created_at"].astimezone(UTC).isoformat(timespec="microseconds"),
        actor.hex if actor else "",
        values["actor_label"],
        values["action"],
        values["subject_type"],
        values["subject_id"],
        values["subject_label"],
        _dump(values["facts"]) if values["facts"] else "{}",
        values["address"],
        values["request_id"],
        values["secret_digest"],
        _dump(values["rows"]) if values["rows"] else "{}",
    )


def event_mac(before: str, values: dict[str, Any], version: int | None = None) -> str:
    """The digest of an event with these values (COLUMNS) that follows the event with the digest `before`."""
    return integrity.mac(PURPOSE, before, *event_words(values), version=version)


def head_mac(chain: uuid.UUID, sequence: int, mac: str) -> str:
    return integrity.mac("audit head", chain.hex, str(sequence), mac)


def head_fits(chain: uuid.UUID, sequence: int, mac: str, guard: str) -> bool:
    return integrity.mac_fits(guard, "audit head", chain.hex, str(sequence), mac)


def secret_digest(row: uuid.UUID, ciphertext: bytes, version: int | None = None) -> str:
    """What an event keeps of the ciphertext that it stored, so that an older one in its place is found."""
    return integrity.mac("secret", row.hex, ciphertext, version=version)


def secret_fits(found: str, row: uuid.UUID, ciphertext: bytes) -> bool:
    return integrity.mac_fits(found, "secret", row.hex, ciphertext)
