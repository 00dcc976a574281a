"""Profiles at Apple. They cannot be changed there: another device or certificate takes a new one of the same name."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from appstore.changes.doing import Doing
from appstore.client import reconcile
from appstore.client.errors import NotFound
from organizations.audit import Action


def create_profile(doing: Doing, step: dict[str, Any]) -> None:
    """`name`, `profile_type`, `bundle_id`, `certificates`, `devices`: Apple's ids. One that an earlier worker asked for
    is found by what it asked for, and taken."""
    asked = {
        "name": step["name"],
        "profile_type": step["profile_type"],
        "bundle_id": step["bundle_id"],
        "certificate_ids": step["certificates"],
        "device_ids": step.get("devices", []),
    }
    made = None
    if asked_at := doing.memory.get("asked_at"):
        wanted = reconcile.WantedProfile(
            step["name"], step["profile_type"], step["bundle_id"], datetime.fromisoformat(asked_at)
        )
        made = reconcile.profile_like(doing.client, wanted)
    else:
        doing.note(asked_at=datetime.now(UTC).isoformat())
    if made is None:
        made = doing.client.create_profile(**asked)
    elif not made.profile_content:
        made = doing.client.profile(made.id)
    with doing.done(f"Made the profile “{step['name']}”."):
        row = doing.mirror("profiles", made)
        doing.record(Action.PROFILE_CREATED, row, uuid=row.uuid, kind=step["profile_type"])


def delete_profile(doing: Doing, step: dict[str, Any]) -> None:
    """`profile`: Apple's id; `name` for the report. One that is gone already is what was wanted."""
    with suppress(NotFound):
        doing.client.delete_profile(step["profile"])
    with doing.done(f"Deleted the profile “{step['name']}”."):
        row = doing.forget("profiles", step["profile"])
        doing.record(Action.PROFILE_DELETED, row, name=step["name"])
