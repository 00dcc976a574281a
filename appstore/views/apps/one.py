"""One app: everything that it signs with, its settings, and its end."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from appstore.app_forms import ChangeAppForm, ExtensionsForm, FreezeForm
from appstore.models import App, Policy
from appstore.signing.assets import assets_of
from appstore.signing.extensions import suggested_extensions
from appstore.signing.overview import overview_of
from appstore.views.changing.common import keys_for
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


def app_of(request: AppRequest, organization: Organization, pk: Any, permission: Permission) -> App:
    apps = App.objects.for_actor(request.actor, permission).filter(organization=organization)
    app = get_object_or_404(apps.select_related("frozen_by"), pk=pk)
    app.organization = organization  # which knows its root, and what that shares with it
    return app


@require_safe
@organization_page(Permission.ASSET_VIEW)
def app_page(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    app = app_of(request, organization, pk, Permission.ASSET_VIEW)
    overview = overview_of(request.actor, app)
    can_change = request.actor.can(Permission.ASSET_MANAGE, organization)
    key = keys_for(request, organization, overview.team).first() if can_change and overview.team else None
    context = {"app": app, "overview": overview, "writing_key": key}
    return render(request, "appstore/apps/one.html", context)


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ASSET_MANAGE)
def app_settings(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """Its name and policy; `freeze`, with a reason, and `unfreeze`."""
    app = app_of(request, organization, pk, Permission.ASSET_MANAGE)
    is_freezing = "freeze" in request.POST
    now = {"name": app.name, "policy": app.policy}
    form = ChangeAppForm(None if is_freezing else request.POST or None, initial=now)
    freeze = FreezeForm(request.POST if is_freezing else None)
    if request.method == "POST" and (said := _change(request, app, form, freeze)):
        messages.success(request, said)
        return redirect("app", slug=organization.slug, pk=app.pk)
    context = {"app": app, "form": form, "freeze": freeze}
    is_wrong = form.errors or freeze.errors
    return render(request, "appstore/apps/settings.html", context, status=400 if is_wrong else 200)


def _change(request: AppRequest, app: App, form: ChangeAppForm, freeze: FreezeForm) -> str:
    """What was done; "" when what was sent is not right."""
    if "unfreeze" in request.POST:
        app.unfreeze(request.actor)
        return "Not frozen any more."
    if freeze.is_bound:
        if not freeze.is_valid():
            return ""
        app.freeze(request.actor, freeze.cleaned_data["because"])
        return "Frozen. Nothing that it signs with is changed until somebody unfreezes it."
    if not form.is_valid():
        return ""
    app.change(request.actor, name=form.cleaned_data["name"], policy=Policy(form.cleaned_data["policy"]))
    return "Saved."


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ASSET_MANAGE)
def app_extensions(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """The bundle IDs of what is built into it. Nothing is done at Apple."""
    app = app_of(request, organization, pk, Permission.ASSET_MANAGE)
    if app.is_android:
        raise Http404("Android apps have no extensions.")
    suggested = suggested_extensions(assets_of(request.actor, app))
    form = ExtensionsForm(request.POST or None, app=app, suggested=suggested)
    if form.is_valid() and form.save(request.actor):
        messages.success(request, "Saved. The profile of each is below.")
        return redirect("app", slug=organization.slug, pk=app.pk)
    context = {"app": app, "form": form}
    return render(request, "appstore/apps/extensions.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ASSET_MANAGE)
def remove_app(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    app = app_of(request, organization, pk, Permission.ASSET_MANAGE)
    if request.method == "POST":
        app.remove(request.actor)
        messages.success(request, f"{app} is removed. What it signed with stays.")
        return redirect("apps", slug=organization.slug)
    return render(request, "appstore/apps/remove.html", {"app": app})
