"""From a write that the API offers to the module that does it."""

from collections.abc import Callable, Mapping

from appstore.sandbox.catalog import CREATE, DELETE, UPDATE
from appstore.sandbox.model import Resource
from appstore.sandbox.routes import Target
from appstore.sandbox.writing import bundle_ids, capabilities, certificates, devices, profiles
from appstore.sandbox.writing.body import Body, read
from appstore.sandbox.writing.desk import Desk

_CREATES: Mapping[str, Callable[[Desk, Body], Resource]] = {
    "certificates": certificates.create,
    "profiles": profiles.create,
    "devices": devices.create,
    "bundleIds": bundle_ids.create,
    "bundleIdCapabilities": capabilities.create,
}
_UPDATES: Mapping[str, Callable[[Desk, str, Body], Resource]] = {
    "devices": devices.update,
    "bundleIds": bundle_ids.update,
    "bundleIdCapabilities": capabilities.update,
}
_DELETES: Mapping[str, Callable[[Desk, str], None]] = {
    "certificates": certificates.delete,
    "profiles": profiles.delete,
    "bundleIds": bundle_ids.delete,
    "bundleIdCapabilities": capabilities.delete,
}
STATUSES = {CREATE: 201, UPDATE: 200, DELETE: 204}


def write(desk: Desk, operation: str, target: Target, content: bytes) -> Resource | None:
    """Do it and keep it. The object as it is now, None for one that is gone; ApiError for a refusal."""
    name = target.owner.name
    made: Resource | None = None
    if operation == CREATE:
        made = _CREATES[name](desk, read(content, operation, name))
    elif operation == UPDATE:
        body = read(content, operation, name, target.object_id)
        made = _UPDATES[name](desk, target.object_id, body)
    else:
        _DELETES[name](desk, target.object_id)
    desk.state.save()
    return made
