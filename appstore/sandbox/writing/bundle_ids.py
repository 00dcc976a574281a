"""Bundle IDs: registered, renamed, deleted. Their identifiers are unique across all teams."""

import re

from appstore.sandbox import bundles
from appstore.sandbox.catalog import CATALOGS
from appstore.sandbox.model import Resource
from appstore.sandbox.writing import refusals
from appstore.sandbox.writing.body import Body
from appstore.sandbox.writing.desk import Desk

_IDENTIFIER = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(\.\*)?|\*")


def create(desk: Desk, body: Body) -> Resource:
    desk.permit("bundleIds")
    identifier, name, platform = body.text("identifier"), body.text("name"), body.text("platform")
    if platform not in CATALOGS[desk.team.program].types["bundleIds"].filters["platform"].values:
        raise refusals.invalid_value("platform", platform)
    if not _IDENTIFIER.fullmatch(identifier):
        raise refusals.invalid_value("identifier", identifier)
    if identifier in _taken(desk):
        raise refusals.bundle_id_taken(identifier)
    made = desk.keep(
        bundles.bundle_id(desk.random, desk.team, name=name, identifier=identifier, platform=platform)
    )
    if not bundles.is_wildcard(made):
        desk.keep(bundles.capability(made, "IN_APP_PURCHASE"))
    return made


def update(desk: Desk, object_id: str, body: Body) -> Resource:
    desk.permit("bundleIds")
    found = desk.existing("bundleIds", object_id)
    body.only("name")
    found.attributes["name"] = body.text("name")
    return found


def delete(desk: Desk, object_id: str) -> None:
    """Take it away with its capabilities. Its profiles stay, and are invalid."""
    desk.permit("bundleIds")
    found = desk.existing("bundleIds", object_id)
    if found.relationships.get("app"):
        raise refusals.bundle_id_in_use(f"{desk.team.team_id}.{found.attributes['identifier']}")
    for each in list(found.relationships["bundleIdCapabilities"]):
        desk.remove(desk.existing("bundleIdCapabilities", each))
    desk.remove(found)


def _taken(desk: Desk) -> set[str]:
    """The identifiers of all teams, and the wildcard for everything, which nobody gets."""
    found = {
        each.attributes["identifier"]
        for collections in desk.state.collections.values()
        for each in collections.get("bundleIds", {}).values()
    }
    return found | {"*"}
