"""Devices at Apple. They are never deleted there: only Apple's website does that, once a year."""

from typing import Any

from appstore.changes.doing import Doing
from appstore.client import reconcile
from appstore.client.errors import AlreadyExists
from organizations.audit import Action


def register_device(doing: Doing, step: dict[str, Any]) -> None:
    """`name`, `udid`, `platform`. One that is registered already is what was wanted."""
    said = f"Registered the device “{step['name']}”."
    try:
        device = doing.client.register_device(step["name"], step["udid"], step["platform"])
    except AlreadyExists:
        found = reconcile.device_with(doing.client, step["udid"])
        if found is None:
            raise
        device, said = found, f"“{found.name}” was registered before."
    with doing.done(said):
        row = doing.mirror("devices", device)
        doing.record(Action.DEVICE_REGISTERED, row)


def update_device(doing: Doing, step: dict[str, Any]) -> None:
    """`device`: Apple's id; `name` and `status` (ENABLED, DISABLED) where they are to be others; `called` names it
    in the report where its name stays."""
    device = doing.client.update_device(step["device"], name=step.get("name"), status=step.get("status"))
    what = {"ENABLED": "Enabled", "DISABLED": "Disabled"}.get(step.get("status", ""), "Renamed")
    with doing.done(f"{what} the device “{device.name}”."):
        row = doing.mirror("devices", device)
        doing.record(Action.DEVICE_CHANGED, row, now=step.get("status") or device.name)
