"""Devices: registered, renamed, enabled and disabled."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from appstore.access import owned_object
from appstore.change_forms import ChangeDeviceForm, RegisterDevicesForm
from appstore.changes.plans import holders
from appstore.models import Device
from appstore.slots import device_slots
from appstore.views.changing.common import keys_for, ordered, shown
from appstore.views.changing.once import ordering_page
from organizations.models import Organization
from organizations.requests import AppRequest


@ordering_page()
def register_devices(request: AppRequest, organization: Organization) -> HttpResponse:
    form = RegisterDevicesForm(request.POST or None, keys=keys_for(request, organization))
    if request.method == "POST" and form.is_valid():
        steps = form.steps()
        title = (
            f"Registration of {len(steps)} devices"
            if len(steps) > 1
            else f"Registration of {steps[0]['name']}"
        )
        return ordered(request, organization, form.chosen, title, steps, go_on=True)
    context = {"form": form, "slots": device_slots(form.teams), "many_teams": len(form.teams) > 1}
    return render(request, "appstore/register_devices.html", context, status=400 if form.errors else 200)


@ordering_page()
def change_device(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    thing = owned_object(request, organization, Device, pk)
    is_now = {"name": thing.name, "status": "DISABLED" if thing.status == "DISABLED" else "ENABLED"}
    keys = keys_for(request, organization, thing.team)
    form = ChangeDeviceForm(request.POST or None, keys=keys, initial=is_now)
    if request.method == "POST" and form.is_valid():
        return ordered(request, organization, form.chosen, f"Change of {thing}", form.steps(thing.apple_id))
    return shown(request, "change_device", thing, form, profiles=holders(thing))
