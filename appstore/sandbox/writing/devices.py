"""Devices: registered, renamed, disabled and enabled again. Nothing removes one."""

import re
from datetime import UTC, datetime

from appstore.sandbox.devices import device
from appstore.sandbox.model import Resource
from appstore.sandbox.writing import refusals
from appstore.sandbox.writing.body import TEXT, Body
from appstore.sandbox.writing.desk import Desk

CLASSES = {"IOS": "IPHONE", "MAC_OS": "MAC"}
# 40 digits on old devices, 8-16 since 2018, a UUID on some Macs
_UDID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{8}-[0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def create(desk: Desk, body: Body) -> Resource:
    desk.permit("devices")
    name, udid, platform = body.text("name"), body.text("udid"), body.text("platform")
    if platform not in CLASSES:
        raise refusals.invalid_value("platform", platform)
    if not _UDID.fullmatch(udid):
        raise refusals.invalid_value("udid", udid)
    if any(_same(each.attributes["udid"], udid) for each in desk.all("devices")):
        raise refusals.device_exists(udid)
    added = datetime.now(UTC).replace(microsecond=0)
    made = device(desk.random, device_class=CLASSES[platform], added=added, name=name, udid=udid)
    return desk.keep(made)


def update(desk: Desk, object_id: str, body: Body) -> Resource:
    desk.permit("devices")
    found = desk.existing("devices", object_id)
    body.only("name", "status")
    name, status = body.optional("name", TEXT), body.optional("status", TEXT)
    if status not in (None, "ENABLED", "DISABLED"):
        raise refusals.invalid_value("status", status)
    if name == "":
        raise refusals.invalid_value("name", name)
    changes = {"name": name, "status": status}
    found.attributes |= {key: value for key, value in changes.items() if value is not None}
    return found


def _same(one: str, other: str) -> bool:
    return one.replace("-", "").casefold() == other.replace("-", "").casefold()
