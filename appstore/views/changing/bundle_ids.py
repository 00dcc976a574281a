"""Bundle IDs: registered; named, given capabilities, deleted."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from appstore.access import owned_object
from appstore.change_forms import KeyForm, NameField, RegisterBundleIdForm
from appstore.changes.plans import Step, holders
from appstore.client.capabilities import CAPABILITIES
from appstore.models import BundleId
from appstore.views.changing.common import confirmed, keys_for, ordered, shown
from appstore.views.changing.once import ordering_page
from appstore.words import apple_words
from organizations.models import Organization
from organizations.requests import AppRequest


class ChangeBundleIdForm(KeyForm):
    name = NameField(label="Name", max_length=50)
    capabilities = forms.MultipleChoiceField(
        label="Capabilities", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, bundle_id: BundleId, **kwargs: Any) -> None:
        super().__init__(
            *args, initial={"name": bundle_id.name, "capabilities": bundle_id.capabilities}, **kwargs
        )
        self.bundle_id = bundle_id
        known = sorted({*CAPABILITIES, *bundle_id.capabilities})
        field: Any = self.fields["capabilities"]
        field.choices = [(each, apple_words(each)) for each in known]

    def steps(self) -> list[Step]:
        now, will = set(self.bundle_id.capabilities), set(self.cleaned_data["capabilities"])
        named: list[Step] = [{"do": "rename-bundle-id", "name": self.cleaned_data["name"]}]
        steps = named if self.cleaned_data["name"] != self.bundle_id.name else []
        steps += [{"do": "enable-capability", "capability": each} for each in sorted(will - now)]
        steps += [{"do": "disable-capability", "capability": each} for each in sorted(now - will)]
        return [step | {"bundle_id": self.bundle_id.apple_id} for step in steps]


@ordering_page()
def register_bundle_id(request: AppRequest, organization: Organization) -> HttpResponse:
    form = RegisterBundleIdForm(request.POST or None, keys=keys_for(request, organization))
    if request.method == "POST" and form.is_valid():
        title = f"Registration of {form.cleaned_data['identifier']}"
        return ordered(request, organization, form.chosen, title, form.steps())
    return render(
        request, "appstore/register_bundle_id.html", {"form": form}, status=400 if form.errors else 200
    )


@ordering_page()
def change_bundle_id(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    thing = owned_object(request, organization, BundleId, pk)
    keys = keys_for(request, organization, thing.team)
    form = ChangeBundleIdForm(request.POST or None, keys=keys, bundle_id=thing)
    if request.method == "POST" and form.is_valid():
        return ordered(request, organization, form.chosen, f"Change of {thing.identifier}", form.steps())
    return shown(request, "change_bundle_id", thing, form, profiles=holders(thing))


@ordering_page()
def delete_bundle_id(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    thing = owned_object(request, organization, BundleId, pk)
    step = {"do": "delete-bundle-id", "bundle_id": thing.apple_id, "identifier": thing.identifier}
    title = f"Deletion of {thing.identifier}"
    return confirmed(request, organization, "delete_bundle_id", thing, title, step, profiles=holders(thing))
