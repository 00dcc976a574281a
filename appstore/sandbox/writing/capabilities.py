"""Capabilities of bundle IDs: enabled, changed, disabled. Each time the bundle ID's profiles become invalid."""

from appstore.sandbox import bundles
from appstore.sandbox.model import Resource
from appstore.sandbox.state import invalidate
from appstore.sandbox.values import CAPABILITY_TYPES
from appstore.sandbox.writing import refusals
from appstore.sandbox.writing.body import LIST, TEXT, Body
from appstore.sandbox.writing.desk import Desk


def create(desk: Desk, body: Body) -> Resource:
    """Enable one. Enabling it again sets it anew: its id is made of the bundle ID's and its type."""
    desk.permit("bundleIdCapabilities")
    kind, settings = body.text("capabilityType"), body.optional("settings", LIST)
    if kind not in CAPABILITY_TYPES:
        raise refusals.invalid_value("capabilityType", kind)
    owner = desk.find("bundleIds", bundle_id := body.one("bundleId"))
    if owner is None:
        raise refusals.unknown_app_id(bundle_id)
    _invalidate_profiles(desk, owner)
    return desk.keep(bundles.capability(owner, kind, settings))


def update(desk: Desk, object_id: str, body: Body) -> Resource:
    desk.permit("bundleIdCapabilities")
    found = desk.existing("bundleIdCapabilities", object_id)
    body.only("capabilityType", "settings")
    kind, settings = body.optional("capabilityType", TEXT), body.optional("settings", LIST)
    if kind not in (None, found.attributes["capabilityType"]):
        raise refusals.invalid_value("capabilityType", kind)
    if settings is not None:
        found.attributes["settings"] = settings
    _invalidate_profiles(desk, _owner(desk, found))
    return found


def delete(desk: Desk, object_id: str) -> None:
    desk.permit("bundleIdCapabilities")
    found = desk.existing("bundleIdCapabilities", object_id)
    _invalidate_profiles(desk, _owner(desk, found))
    desk.remove(found)


def _owner(desk: Desk, capability: Resource) -> Resource:
    return next(
        each for each in desk.all("bundleIds") if capability.id in each.relationships["bundleIdCapabilities"]
    )


def _invalidate_profiles(desk: Desk, owner: Resource) -> None:
    for each in owner.relationships["profiles"]:
        invalidate(desk.existing("profiles", each))
