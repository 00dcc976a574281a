"""Profiles: made of a bundle ID, certificates and devices, and deleted. Nothing of one can be changed."""

from datetime import UTC, datetime, timedelta

from appstore.sandbox.authority import authority
from appstore.sandbox.model import Program, Resource
from appstore.sandbox.profile_types import TYPES, ProfileType
from appstore.sandbox.profiles import ProfileOrder, profile
from appstore.sandbox.writing import refusals
from appstore.sandbox.writing.body import Body
from appstore.sandbox.writing.certificates import is_current
from appstore.sandbox.writing.desk import Desk


def create(desk: Desk, body: Body) -> Resource:
    name, type_name = body.text("name"), body.text("profileType")
    desk.permit("profiles", type_name)
    kind = TYPES.get(type_name)
    if kind is None or not _offered(kind, type_name, desk.team.program):
        raise refusals.invalid_value("profileType", type_name)
    owner = desk.find("bundleIds", bundle_id := body.one("bundleId"))
    if owner is None:
        raise refusals.unknown_app_id(bundle_id)
    certificates, devices = _certificates(desk, body, kind), _devices(desk, body, kind)
    if any(each.attributes["name"] == name for each in desk.all("profiles")):
        raise refusals.profile_name_taken(name)
    now = datetime.now(UTC).replace(microsecond=0)
    order = ProfileOrder(name, type_name, owner, certificates, devices, now, now + timedelta(days=365))
    return desk.keep(profile(desk.random, authority(), desk.team, order))


def delete(desk: Desk, object_id: str) -> None:
    found = desk.existing("profiles", object_id)
    desk.permit("profiles", found.attributes["profileType"])
    desk.remove(found)


def _offered(kind: ProfileType, name: str, program: Program) -> bool:
    """In-house distribution is the Enterprise program's alone, and the stores are the other one's."""
    return not (name.endswith("INHOUSE") if program is Program.APP_STORE else kind.store)


def _certificates(desk: Desk, body: Body, kind: ProfileType) -> list[Resource]:
    """Those asked for, all of them current and of a type that signs for this kind of profile."""
    if not (ids := body.many("certificates")):
        raise refusals.relationship_required("certificates")
    found = [each for one in ids if (each := desk.find("certificates", one)) is not None]
    fitting = [
        each
        for each in found
        if each.attributes["certificateType"] in kind.certificate_types
        and each.attributes["certificateContent"]
        and is_current(each)
    ]
    if len(fitting) < len(ids):
        raise refusals.no_certificates()
    return fitting


def _devices(desk: Desk, body: Body, kind: ProfileType) -> list[Resource]:
    ids = body.many("devices")
    if not kind.device_classes:
        if ids:
            raise refusals.devices_not_allowed("the App Store" if kind.store else kind.label)
        return []
    found = [each for one in ids if (each := desk.find("devices", one)) is not None]
    fitting = [each for each in found if each.attributes["deviceClass"] in kind.device_classes]
    if not ids or len(fitting) < len(ids):
        raise refusals.no_devices("macOS" if kind.platform == "MAC_OS" else "ios")
    return fitting
