"""Several certificates, profiles or devices at once: what becomes of each is shown first, then one order does it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from appstore.change_forms import KeyForm
from appstore.changes.plans import used_by
from appstore.changes.several import (
    Part,
    Parts,
    certificates_revoked,
    devices_set_to,
    profiles_deleted,
    profiles_made_anew,
    without_frozen,
)
from appstore.identities import held
from appstore.models import DeveloperTeam
from appstore.profile_list import uploaded_profiles
from appstore.views.changing.common import keys_for, ordered
from appstore.views.changing.once import ordering_page
from appstore.views.collections import COLLECTIONS
from appstore.views.picking import cannot_begin, picked
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.requests import AppRequest

UPLOADED = "It was uploaded here, and Apple's list does not have it. Archive it on its own page."


@dataclass(frozen=True)
class Action:
    """One button of a list. `done` says it of what was ordered: `3 profiles made anew`."""

    name: str
    heading: str
    lede: str
    button: str
    done: str
    parts: Parts
    tone: str = "is-primary"
    offers_devices: bool = False


CERTIFICATE_ACTIONS = [
    Action(
        "revoke",
        "Revoke certificates",
        "This cannot be undone. Nothing new can be signed with them, and what they signed and was not delivered by the "
        "App Store stops working: in-house apps at once. To keep everything working, renew each on its own page.",
        "Revoke them at Apple",
        "certificates revoked",
        certificates_revoked,
        tone="is-danger",
    ),
]
PROFILE_ACTIONS = [
    Action(
        "regenerate",
        "Make profiles anew",
        "Each is deleted at Apple, and a new one of the same name takes its place. Builds need the new files then.",
        "Make them anew at Apple",
        "profiles made anew",
        profiles_made_anew,
        offers_devices=True,
    ),
    Action(
        "delete",
        "Delete profiles at Apple",
        "Apps that were built with them go on working until the profiles would have expired.",
        "Delete them at Apple",
        "profiles deleted",
        profiles_deleted,
        tone="is-danger",
    ),
]
DEVICE_ACTIONS = [
    Action(
        "enable",
        "Enable devices",
        "Profiles do not name them by themselves: make those anew.",
        "Enable them at Apple",
        "devices enabled",
        devices_set_to("ENABLED"),
    ),
    Action(
        "disable",
        "Disable devices",
        "Profiles that name them become invalid for them, and Apple may show them as invalid as a whole. Disabled "
        "devices keep their places in Apple's count until the membership year ends.",
        "Disable them at Apple",
        "devices disabled",
        devices_set_to("DISABLED"),
        tone="is-danger",
    ),
]


class SeveralForm(KeyForm):
    all_devices = forms.BooleanField(
        label="Put in all enabled devices of the team",
        required=False,
        help_text="Without it they keep the devices that they have.",
    )

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not action.offers_devices:
            del self.fields["all_devices"]


@ordering_page("POST")
def change_certificates(request: AppRequest, organization: Organization) -> HttpResponse:
    return _change(request, organization, "certificates", CERTIFICATE_ACTIONS)


@ordering_page("POST")
def change_profiles(request: AppRequest, organization: Organization) -> HttpResponse:
    return _change(request, organization, "profiles", PROFILE_ACTIONS)


@ordering_page("POST")
def change_devices(request: AppRequest, organization: Organization) -> HttpResponse:
    return _change(request, organization, "devices", DEVICE_ACTIONS)


def _change(
    request: AppRequest, organization: Organization, collection: str, actions: list[Action]
) -> HttpResponse:
    action = next((each for each in actions if each.name == request.POST.get("do")), actions[0])
    picks = picked(request)
    if trouble := cannot_begin(request, picks):
        messages.error(request, trouble)
        return redirect("apple-objects", slug=organization.slug, collection=collection)
    things, others, team = _sorted_out(request, organization, collection, picks)
    is_sent = "confirm" in request.POST
    keys = keys_for(request, organization, team)
    form = SeveralForm(request.POST if is_sent else None, keys=keys, action=action)
    is_valid = is_sent and form.is_valid()
    parts = action.parts(things, bool(is_valid and form.cleaned_data.get("all_devices")))
    parts = without_frozen(team, parts)
    steps = [part.step for part in parts if part.step]
    if is_valid and steps:
        return ordered(request, organization, form.chosen, f"{len(steps)} {action.done}", steps, go_on=True)
    digests = [part.thing.sha256 for part in parts if part.step] if collection == "certificates" else []
    identities = list(held(request.actor, organization, digests).values()) if digests else []
    context = {
        "action": action,
        "collection": COLLECTIONS[collection],
        "form": form,
        "parts": [part for part in parts if part.step],
        "left_out": [*(part for part in parts if not part.step), *others],
        "picks": picks,
        "used_by": used_by(team, *identities),
        "profiles": {each.pk: each for part in parts for each in part.breaks}.values(),
        "identities": identities,
    }
    return render(request, "appstore/change_several.html", context, status=400 if is_sent else 200)


def _sorted_out(
    request: AppRequest, organization: Organization, collection: str, picks: list[UUID]
) -> tuple[list[Any], list[Part], DeveloperTeam]:
    """What can be ordered at once: the organization's own, of one team, still at Apple; and the others, with why not.
    404 where none is to be seen here, 403 where none is the organization's own."""
    spec = COLLECTIONS[collection]
    seen = spec.model.objects.for_actor(request.actor, Permission.ASSET_VIEW).visible_in(organization)
    rows = list(spec.prepare(seen.filter(pk__in=picks)).select_related("team__organization").order_by("name"))
    others = []
    if collection == "profiles":
        uploaded = uploaded_profiles(request.actor, organization).filter(pk__in=picks).order_by("name")
        others = [Part(each, why_not=UPLOADED) for each in uploaded]
    if not rows and not others:
        raise Http404
    own = [each for each in rows if each.team.organization_id == organization.pk]
    if not own:
        raise PermissionDenied(
            "None of these can be changed at Apple here. What is shared is changed by its owner."
        )
    teams = Counter(each.team_id for each in own if each.gone_at is None)
    chosen = teams.most_common(1)[0][0] if teams else own[0].team_id
    things = []
    for each in rows:
        if why_not := _why_not(each, organization, chosen):
            others.append(Part(each, why_not=why_not))
        else:
            things.append(each)
    return things, others, next(each.team for each in own if each.team_id == chosen)


def _why_not(thing: Any, organization: Organization, team_id: Any) -> str:
    if thing.team.organization_id != organization.pk:
        return f"{thing.team.organization} shares it: it is changed only there."
    if thing.gone_at is not None:
        return "It is gone at Apple."
    return "" if thing.team_id == team_id else f"It is of {thing.team}: an order is for one team."
