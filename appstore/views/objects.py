"""One of Apple's objects: its page, its file, and a fresh copy of it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from appstore import identities
from appstore.access import visible_object
from appstore.changes import plans
from appstore.models import (
    App,
    AppPlatform,
    AppStoreConnectKey,
    BundleId,
    Certificate,
    KeyPreference,
    ObjectChange,
    Profile,
    SyncRun,
)
from appstore.models.app import may_be_of
from appstore.models.apple_objects import IS_GONE, AppleObject
from appstore.successors import successors
from appstore.views.collections import COLLECTIONS
from organizations import audit
from organizations.downloads import attachment
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


def _object(
    request: AppRequest, organization: Organization, collection: str, pk: Any, for_: Permission
) -> Any:
    return visible_object(request, organization, COLLECTIONS[collection].model, pk, for_)


def _keys(
    request: AppRequest, organization: Organization, thing: AppleObject
) -> QuerySet[AppStoreConnectKey]:
    """The keys of the object's team that this organization may use to ask Apple for it."""
    keys = AppStoreConnectKey.objects.for_actor(request.actor, Permission.SYNC_RUN).visible_in(organization)
    return keys.usable().filter(team=thing.team_id).select_related("credential")


@require_safe
@organization_page(Permission.ASSET_VIEW)
def object_page(request: AppRequest, organization: Organization, collection: str, pk: Any) -> HttpResponse:
    thing = _object(request, organization, collection, pk, Permission.ASSET_VIEW)
    spec = COLLECTIONS[collection]
    keys = list(_keys(request, organization, thing))
    preferred = (
        KeyPreference.objects.filter(user=request.actor.user, team=thing.team_id)
        .values_list("key_id", flat=True)
        .first()
    )
    fetch = (
        SyncRun.objects.for_actor(request.actor, Permission.ASSET_VIEW)
        .filter(job=f"fetch:{collection}/{thing.pk}")
        .order_by("-created_at")
        .first()
    )
    context = {
        "collection": spec,
        "thing": thing,
        "keys": keys,
        "preferred": preferred,
        "fetch": fetch,
        "history": ObjectChange.objects.for_actor(request.actor, Permission.ASSET_VIEW)
        .filter(team=thing.team_id, object_id=thing.pk)
        .order_by("-created_at")[:50],
        "successor": successors([thing]).get(thing.pk),
        **_related(thing),
    }
    if isinstance(thing, Certificate):
        context["identity"] = identities.held(request.actor, organization, [thing.sha256]).get(thing.sha256)
    if isinstance(thing, BundleId):
        apps = App.objects.for_actor(request.actor, Permission.ASSET_VIEW).filter(organization=organization)
        near = apps.filter(may_be_of([thing.identifier])).exclude(platform=AppPlatform.ANDROID)
        context["apps"] = [each for each in near if thing.identifier in each.bundle_ids]
    return render(request, f"appstore/{collection}_one.html", context)


def _related(thing: AppleObject) -> dict[str, Any]:
    """What the object is linked to, within its own team."""
    if isinstance(thing, Profile):
        return {
            "certificates": thing.certificates.defer("certificate_content"),
            "devices": thing.devices.all(),
            "lacking": plans.lacking(thing),
        }
    profiles: QuerySet[Profile] = thing.profiles.defer("profile_content").select_related("bundle_id")  # type: ignore[attr-defined]
    return {"profiles": profiles.order_by(IS_GONE, "name")[:200]}


@require_safe
@organization_page(Permission.ASSET_DOWNLOAD)
def download(request: AppRequest, organization: Organization, collection: str, pk: Any) -> HttpResponse:
    """The file as Apple made it: a certificate's DER, a profile's CMS. Neither holds a private key."""
    thing: Certificate | Profile = _object(request, organization, collection, pk, Permission.ASSET_DOWNLOAD)
    if isinstance(thing, Certificate):
        content, extension, kind = thing.certificate_content, "cer", "application/pkix-cert"
    else:
        content, extension, kind = thing.profile_content, thing.file_extension, "application/octet-stream"
    if not content:
        messages.error(
            request, "Apple gave no file for it. Fetch a fresh copy, or look at its state at Apple."
        )
        return redirect("apple-object", slug=organization.slug, collection=collection, pk=thing.pk)
    audit.record(
        request.actor,
        audit.Action.ASSET_DOWNLOADED,
        thing,
        organization=organization,
        kind=COLLECTIONS[collection].singular.lower(),
    )
    name = f"{slugify(thing.name) or thing.apple_id}.{extension}"
    return attachment(bytes(content), name=name, content_type=kind)


@require_POST
@organization_page(Permission.SYNC_RUN)
def fetch(request: AppRequest, organization: Organization, collection: str, pk: Any) -> HttpResponse:
    """Ask Apple for a fresh copy, with the key that the person chose; the choice is the next default."""
    thing = _object(request, organization, collection, pk, Permission.SYNC_RUN)
    keys = {str(key.pk): key for key in _keys(request, organization, thing)}
    key = keys.get(request.POST.get("key", "")) or (next(iter(keys.values())) if len(keys) == 1 else None)
    if key is None:
        messages.error(request, "Choose which key to use.")
        return redirect("apple-object", slug=organization.slug, collection=collection, pk=thing.pk)
    with transaction.atomic():
        KeyPreference.objects.update_or_create(
            user=request.actor.user, team=thing.team, defaults={"key": key}
        )
        SyncRun.request_fetch(request.actor, key, f"{collection}/{thing.pk}")
        audit.record(
            request.actor,
            audit.Action.ASSET_FETCHED,
            thing,
            organization=organization,
            with_key=key.key_id,
        )
    return redirect("apple-object", slug=organization.slug, collection=collection, pk=thing.pk)


@require_safe
@organization_page(Permission.ASSET_VIEW)
def fetch_progress(request: AppRequest, organization: Organization, collection: str, pk: Any) -> HttpResponse:
    """What the object's page polls while a fresh copy is on its way."""
    thing = _object(request, organization, collection, pk, Permission.ASSET_VIEW)
    runs = SyncRun.objects.for_actor(request.actor, Permission.ASSET_VIEW).filter(
        job=f"fetch:{collection}/{thing.pk}"
    )
    run = runs.order_by("-created_at").first()
    context = {"collection": COLLECTIONS[collection], "thing": thing, "fetch": run}
    response = render(request, "appstore/_fetch.html", context)
    if run is None or not run.is_active:
        response["HX-Refresh"] = "true"
    return response
