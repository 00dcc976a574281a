"""What these pages share: who may change what, with which keys, and where an order leads."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from appstore.changes.ordering import order
from appstore.changes.plans import Step
from appstore.changes.refusals import FrozenError
from appstore.models import AppStoreConnectKey, DeveloperTeam
from appstore.models.app_store_connect_key import AppStoreConnectKeyQuerySet
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


def owned_object(request: AppRequest, organization: Organization, model: Any, pk: Any) -> Any:
    """One that is at Apple and whose team the organization owns. What the root shares is seen here and changed there
    only: 403."""
    rows = model.objects.for_actor(request.actor, Permission.ASSET_VIEW).visible_in(organization)
    thing = get_object_or_404(rows.filter(gone_at=None).select_related("team__organization"), pk=pk)
    if thing.team.organization_id != organization.pk:
        raise PermissionDenied(
            f"{thing.team.organization} shares this: it can be used here, and changed only there."
        )
    return thing


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
        run = order(request.actor, key.team, title, steps, key=key, go_on=go_on)
    except FrozenError as error:
        messages.error(request, str(error))
        return redirect(request.get_full_path())
    return redirect("sync", slug=organization.slug, pk=run.pk)
