"""What these pages share: who may change what, with which keys, and where an order leads."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render

from appstore.change_forms import KeyForm
from appstore.changes.ordering import order
from appstore.changes.plans import Step, used_by
from appstore.changes.refusals import FrozenError
from appstore.models import AppStoreConnectKey, DeveloperTeam
from appstore.models.app_store_connect_key import AppStoreConnectKeyQuerySet
from appstore.views.changing.once import ticket_of
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.requests import AppRequest


def keys_for(
    request: AppRequest, organization: Organization, team: DeveloperTeam | None = None
) -> AppStoreConnectKeyQuerySet:
    """The organization's own keys that can write, the healthiest first."""
    keys = AppStoreConnectKey.objects.for_actor(request.actor, Permission.ASSET_MANAGE).usable()
    keys = keys.filter(credential__organization=organization)
    keys = keys.select_related("credential", "team__organization").defer("credential__secret")
    return keys.filter(team=team) if team else keys.exclude(team=None)


def shown(request: AppRequest, template: str, thing: Any, form: Form, **context: Any) -> HttpResponse:
    """What a change of the thing touches, with the form that orders it."""
    context = {"used_by": used_by(thing.team), "thing": thing, "form": form} | context
    return render(request, f"appstore/{template}.html", context, status=400 if form.errors else 200)


def confirmed(
    request: AppRequest,
    organization: Organization,
    template: str,
    thing: Any,
    title: str,
    step: Step,
    **context: Any,
) -> HttpResponse:
    """A page that asks for nothing but the key, and then orders the one step."""
    form = KeyForm(request.POST or None, keys=keys_for(request, organization, thing.team))
    if request.method == "POST" and form.is_valid():
        return ordered(request, organization, form.chosen, title, [step])
    return shown(request, template, thing, form, **context)


def ordered(
    request: AppRequest,
    organization: Organization,
    key: AppStoreConnectKey,
    title: str,
    steps: list[Step],
    *,
    go_on: bool = False,
) -> HttpResponse:
    """To the page that shows how far it is."""
    if key.team is None or not steps:
        messages.info(request, "There is nothing to change.")
        return redirect("overview", slug=organization.slug)
    try:
        run = order(request.actor, key.team, title, steps, key=key, go_on=go_on, ticket=ticket_of(request))
    except FrozenError as error:
        messages.error(request, str(error))
        return redirect(request.get_full_path())
    return redirect("sync", slug=organization.slug, pk=run.pk)
