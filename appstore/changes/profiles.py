"""Profiles at Apple. They cannot be changed there: another device or certificate takes a new one of the same name."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from appstore.changes.doing import MADE, Doing
from appstore.client import reconcile
from appstore.client.errors import AppStoreConnectError, InvalidRequest, NotFound
from appstore.models import Assignment
from appstore.profile_types import PROFILE_TYPES
from organizations.audit import Action


def create_profile(doing: Doing, step: dict[str, Any]) -> None:
    """`name`, `profile_type`, `bundle_id`, `certificates`, `devices`: Apple's ids. One that an earlier worker asked for
    is found by what it asked for, and taken."""
    asked = {
        "name": step["name"],
        "profile_type": step["profile_type"],
        "bundle_id": doing.bundle_id_of(step),
        "certificate_ids": doing.certificates_of(step),
        "device_ids": step.get("devices", []),
    }
    made = None
    if asked_at := doing.memory.get("asked_at"):
        wanted = reconcile.WantedProfile(
            step["name"], step["profile_type"], asked["bundle_id"], datetime.fromisoformat(asked_at)
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
        Assignment.follow(row)
        doing.record(Action.PROFILE_CREATED, row, uuid=row.uuid, kind=step["profile_type"])


def replace_profile(doing: Doing, step: dict[str, Any]) -> None:
    """`profile`: Apple's id of the old one; the rest as for `create_profile`. Apple is asked for the certificates, the
    devices and the bundle ID before the old one goes: nobody is left without either."""
    if not doing.memory.get("checked"):
        _check(doing, step)
        doing.note(checked=True)
    if not doing.memory.get("deleted"):
        with suppress(NotFound):
            doing.client.delete_profile(step["profile"])
        with doing.run.commit():
            row = doing.forget("profiles", step["profile"])
            doing.record(Action.PROFILE_DELETED, row, name=step["name"])
            doing.memory["deleted"] = True
    try:
        create_profile(doing, step)
    except AppStoreConnectError as error:
        if not error.transient:
            error.message = (
                f"The old profile is deleted, and Apple did not make the new one: {error.message} "
                f"Create “{step['name']}” again."
            )
        raise


def _check(doing: Doing, step: dict[str, Any]) -> None:
    """Raises InvalidRequest when what the new one is to be made of is not there at Apple."""
    kind = PROFILE_TYPES[step["profile_type"]]
    now = datetime.now(UTC)
    there = {
        each.id
        for page in doing.client.certificates(files=False)
        for each in page.items
        if each.certificate_type in kind.certificates and each.expiration_date and each.expiration_date > now
    }
    # What this very run has made may not be listed yet.
    if not set(doing.certificates_of(step)) <= there | {doing.run.cursor.get(MADE)}:
        raise InvalidRequest(
            "A chosen certificate is not at Apple any more, has expired, or signs no such profiles. Sync, then choose "
            "again."
        )
    if kind.names_devices and not step.get("devices"):
        raise InvalidRequest("Such a profile names at least one enabled device. Choose one.")
    if step.get("devices"):
        enabled = {
            each.id for page in doing.client.devices() for each in page.items if each.status != "DISABLED"
        }
        if not set(step["devices"]) <= enabled:
            raise InvalidRequest(
                "A chosen device is not at Apple any more, or disabled. Sync, then choose again."
            )
    if any(
        each.name == step["name"] and each.id != step["profile"]
        for page in doing.client.profiles(files=False)
        for each in page.items
    ):
        raise InvalidRequest("Apple has another profile of this name. Delete one of the two first.")
    try:
        doing.client.bundle_id(doing.bundle_id_of(step))
    except NotFound:
        raise InvalidRequest(
            "Apple does not know this bundle ID any more. Sync, then choose again."
        ) from None


def delete_profile(doing: Doing, step: dict[str, Any]) -> None:
    """`profile`: Apple's id; `name` for the report. One that is gone already is what was wanted."""
    with suppress(NotFound):
        doing.client.delete_profile(step["profile"])
    with doing.done(f"Deleted the profile “{step['name']}”."):
        row = doing.forget("profiles", step["profile"])
        doing.record(Action.PROFILE_DELETED, row, name=step["name"])
