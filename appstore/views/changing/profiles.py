"""Profiles: made in steps, made anew, deleted."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from appstore import identities
from appstore.access import owned_object
from appstore.change_forms import IngredientsForm, KeyForm, NewProfileForm, ProfileKindForm
from appstore.changes.plans import lacking, used_by
from appstore.models import Profile
from appstore.profile_types import PROFILE_TYPES
from appstore.views.changing.common import confirmed, keys_for, ordered
from appstore.views.changing.once import ordering_page
from organizations.models import Organization
from organizations.requests import AppRequest


@ordering_page()
def create_profile(request: AppRequest, organization: Organization) -> HttpResponse:
    """Distribution and key; App ID, certificates and devices; then what it will be, before it is."""
    is_begun = "profile_type" in request.GET
    kind = ProfileKindForm(request.GET if is_begun else None, keys=keys_for(request, organization))
    if not is_begun or not kind.is_valid():
        context: dict[str, Any] = {"form": kind}
        return render(request, "appstore/create_profile.html", context, status=400 if kind.errors else 200)
    profile_type = PROFILE_TYPES[kind.cleaned_data["profile_type"]]
    chosen = {"bundle_id": request.GET.get("bundle_id")}  # on the page of an app
    form = NewProfileForm(request.POST or None, kind=profile_type, team=kind.team, initial=chosen)
    context = {"form": form, "kind": profile_type, "key": kind.chosen}
    if request.method == "POST" and form.is_valid():
        made = form.profile()
        if "confirm" in request.POST:
            return ordered(request, organization, kind.chosen, f"New profile {made.name}", [made.step()])
        held = identities.held(request.actor, organization, [each.sha256 for each in made.certificates])
        context |= {"made": made, "has_key": bool(held)}
    return render(request, "appstore/create_profile_of.html", context, status=400 if form.errors else 200)


@ordering_page()
def regenerate_profile(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """Under the same name, of what is chosen: what comes in and what goes out is shown first."""
    old = owned_object(request, organization, Profile, pk)
    profile_type = PROFILE_TYPES.get(old.profile_type)
    if profile_type is None or old.bundle_id is None:
        raise Http404("CredHub cannot make profiles of this type.")
    keys = KeyForm(request.POST or None, keys=keys_for(request, organization, old.team))
    has = {
        "certificates": [each.pk for each in old.certificates.only("pk")],
        "devices": [each.pk for each in old.devices.only("pk")],
    }
    if "all" in request.GET:
        has["devices"] += [each.pk for each in lacking(old)]
    form = IngredientsForm(request.POST or None, kind=profile_type, team=old.team, initial=has)
    context = {"form": form, "keys_form": keys, "thing": old, "kind": profile_type}
    if request.method == "POST" and form.is_valid() and keys.is_valid():
        made = form.made_of(old.name, old.bundle_id)
        if "confirm" in request.POST:
            return ordered(
                request, organization, keys.chosen, f"{old.name} made anew", [made.in_place_of(old)]
            )
        context |= {
            "made": made,
            "used_by": used_by(old.team),
            **_differences(old, made.certificates, made.devices),
        }
    is_wrong = form.errors or keys.errors
    return render(request, "appstore/regenerate_profile.html", context, status=400 if is_wrong else 200)


def _differences(old: Profile, certificates: list[Any], devices: list[Any]) -> dict[str, Any]:
    had = [*old.certificates.defer("certificate_content"), *old.devices.all()]
    will = [*certificates, *devices]
    return {
        "comes": [each for each in will if each not in had],
        "goes": [each for each in had if each not in will],
        "stays": [each for each in will if each in had],
    }


@ordering_page()
def delete_profile(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    thing = owned_object(request, organization, Profile, pk)
    step = {"do": "delete-profile", "profile": thing.apple_id, "name": thing.name}
    return confirmed(
        request, organization, "delete_profile", thing, f"Deletion of {thing}", step, profiles=[thing]
    )
