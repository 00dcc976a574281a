"""Devices at Apple: read; registered, renamed, enabled and disabled there."""

import csv
import io
import uuid
from datetime import datetime
from typing import Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from appstore.api.mirrors import AppleObjectOut, MirrorFilters, mirrored, one, reached, shown
from appstore.api.ordering import OrderIn, form_of, ordered, owned, with_changes
from appstore.api.syncs import SyncOut
from appstore.change_forms import MOST_DEVICES, ChangeDeviceForm, RegisterDevicesForm
from appstore.models import Device
from credentials.parsing.udid import normalise_udid
from organizations.api import BODY, LIST, ONE, Word, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.paging import Page, page_of
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.requests import AppRequest
from organizations.words import typed_name

router = Router(tags=["Devices"])
_UDID = "00008101-000A11223344001E"


class DeviceOut(AppleObjectOut):
    udid: str = Field(examples=[_UDID])
    device_class: str = Field(examples=["IPHONE"])
    status: str = Field(examples=["ENABLED"])
    model: str = Field(examples=["iPhone 12"])
    added_date: datetime | None = Field(examples=["2026-11-01T09:00:00Z"])


class DeviceFilters(MirrorFilters):
    status: Word = Field("", description="ENABLED, DISABLED or PROCESSING.")
    device_class: Word = Field("", description="Such as IPHONE.")
    udid: Word = Field("", description="With or without dashes, in either case.")


class NewDevice(Schema):
    name: str = Field("", max_length=50, examples=["Ada's iPhone"])
    udid: str = Field(min_length=1, max_length=64, examples=[_UDID])


class DevicesIn(OrderIn):
    devices: list[NewDevice] = Field(min_length=1, max_length=MOST_DEVICES)
    platform: Literal["IOS", "MAC_OS"] = Field("IOS", examples=["IOS"])


class DeviceChange(OrderIn):
    name: str | None = Field(None, min_length=1, max_length=50, examples=["Ada's iPhone"])
    status: Literal["ENABLED", "DISABLED"] | None = Field(None, examples=["DISABLED"])


def _shown(token: ApiToken, row: Device) -> dict[str, Any]:
    return shown(token, row, DeviceOut.model_fields)


@router.get("", response=answers({200: Page[DeviceOut]}, *LIST), operation_id="list_devices")
@etag
@needs(Permission.ASSET_VIEW)
def list_devices(request: AppRequest, filters: Query[DeviceFilters]) -> Any:
    """The devices at Apple of every team whose keys the organization has or is given."""
    token = token_of(request)
    rows = mirrored(reached(request, Device, Permission.ASSET_VIEW), filters, "status", "device_class")
    if filters.udid:
        rows = rows.filter(udid_key=normalise_udid(filters.udid))
    return page_of(rows, filters, lambda row: _shown(token, row))


@router.get("/{uuid:pk}", response=answers({200: DeviceOut}, *ONE), operation_id="get_device")
@etag
@needs(Permission.ASSET_VIEW)
def get_device(request: AppRequest, pk: uuid.UUID) -> Any:
    """One of them."""
    return _shown(token_of(request), one(request, Device, Permission.ASSET_VIEW, pk))


@router.post("", response=answers({202: SyncOut}, *BODY), operation_id="register_devices")
@needs(Permission.ASSET_MANAGE)
@once
def register_devices(request: AppRequest, asked: DevicesIn) -> Any:
    """Register devices at Apple. One that Apple refuses does not stop the others; the run's report tells of each."""
    lines = io.StringIO()
    csv.writer(lines).writerows((typed_name(each.udid), typed_name(each.name)) for each in asked.devices)
    data = {"devices": lines.getvalue(), "platform": asked.platform}
    form = form_of(request, asked, RegisterDevicesForm, data)
    steps = form.steps()
    one_only = steps[0]["name"] if len(steps) == 1 else f"{len(steps)} devices"
    return ordered(request, form, f"Registration of {one_only}", steps, go_on=True)


@router.patch("/{uuid:pk}", response=answers({202: SyncOut}, *ONE, *BODY), operation_id="change_device")
@needs(Permission.ASSET_MANAGE)
@once
def change_device(request: AppRequest, pk: uuid.UUID, asked: DeviceChange) -> Any:
    """Its name at Apple, and whether it is enabled. What is not named stays."""
    thing = owned(request, Device, pk)
    is_now = {"name": thing.name, "status": "DISABLED" if thing.status == "DISABLED" else "ENABLED"}
    form = form_of(
        request, asked, ChangeDeviceForm, with_changes(is_now, asked), team=thing.team, initial=is_now
    )
    return ordered(request, form, f"Change of {thing}", form.steps(thing.apple_id))
