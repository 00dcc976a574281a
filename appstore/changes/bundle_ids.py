"""Bundle IDs and their capabilities at Apple. Every change of capabilities makes the profiles invalid."""

from contextlib import suppress
from typing import Any

from appstore.changes.doing import REGISTERED, Doing
from appstore.client import reconcile
from appstore.client.errors import AlreadyExists, NotFound
from appstore.client.resources import BundleId
from organizations.audit import Action


def register_bundle_id(doing: Doing, step: dict[str, Any]) -> None:
    """`identifier`, `name`, `platform`. One that the team has is what was wanted; another team's is refused."""
    said = f"Registered the bundle ID {step['identifier']}."
    try:
        made = doing.client.register_bundle_id(step["identifier"], step["name"], step["platform"])
    except AlreadyExists:
        found = reconcile.bundle_id_with(doing.client, step["identifier"])
        if found is None:
            raise
        made, said = found, f"{found.identifier} was registered before."
    with doing.done(said):
        row = doing.mirror("bundleIds", made)
        doing.run.cursor.setdefault(REGISTERED, {})[step["identifier"]] = row.apple_id
        doing.record(Action.BUNDLE_ID_REGISTERED, row)


def rename_bundle_id(doing: Doing, step: dict[str, Any]) -> None:
    """`bundle_id`: Apple's id; `name`."""
    doing.client.rename_bundle_id(step["bundle_id"], step["name"])
    _mirror(doing, step, f"Named it “{step['name']}”.", step["name"])


def delete_bundle_id(doing: Doing, step: dict[str, Any]) -> None:
    """`bundle_id`: Apple's id; `identifier` for the report."""
    with suppress(NotFound):
        doing.client.delete_bundle_id(step["bundle_id"])
    with doing.done(f"Deleted the bundle ID {step['identifier']}."):
        row = doing.forget("bundleIds", step["bundle_id"])
        doing.record(Action.BUNDLE_ID_CHANGED, row, now="deleted")


def enable_capability(doing: Doing, step: dict[str, Any]) -> None:
    """`bundle_id`: Apple's id; `capability`: Apple's type."""
    with suppress(AlreadyExists):
        doing.client.enable_capability(step["bundle_id"], step["capability"])
    _mirror(doing, step, f"Turned on {step['capability']}.", f"with {step['capability']}")


def disable_capability(doing: Doing, step: dict[str, Any]) -> None:
    """`bundle_id`: Apple's id; `capability`: Apple's type."""
    found = reconcile.capability_of(doing.client, step["bundle_id"], step["capability"])
    if found is not None:
        doing.client.disable_capability(found.id)
    _mirror(doing, step, f"Turned off {step['capability']}.", f"without {step['capability']}")


def _mirror(doing: Doing, step: dict[str, Any], said: str, now: str) -> None:
    """Apple's answers to these writes lack the rest of the bundle ID."""
    fresh: BundleId = doing.client.bundle_id(step["bundle_id"])
    with doing.done(said):
        row = doing.mirror("bundleIds", fresh)
        doing.record(Action.BUNDLE_ID_CHANGED, row, now=now)
