"""The apps of an organization, and a new one."""

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from appstore.app_forms import AddAppForm, AddSeveralAppsForm
from appstore.models import App, AppPlatform, BundleId, Policy
from organizations.listing import Filter, Spec, listing
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

SPEC = Spec(
    search=["name", "identifier"],
    sorts={"name": Lower("name"), "identifier": Lower("identifier"), "platform": "platform"},
    default_sort="name",
    filters=[
        Filter("platform", "Platform", AppPlatform.choices, lambda rows, value: rows.filter(platform=value)),
        Filter("policy", "Policy", [(each.value, each.short) for each in Policy],
               lambda rows, value: rows.filter(policy=value)),
        Filter("frozen", "Frozen", [("yes", "Frozen"), ("no", "Not frozen")],
               lambda rows, value: rows.filter(frozen_at__isnull=value == "no")),
    ],
)  # fmt: skip
OFFERED = 500


@require_safe
@organization_page(Permission.ASSET_VIEW)
def app_list(request: AppRequest, organization: Organization) -> HttpResponse:
    rows = App.objects.for_actor(request.actor, Permission.ASSET_VIEW).filter(organization=organization)
    return render(request, "appstore/apps/list.html", {"listing": listing(request, rows, SPEC)})


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ASSET_MANAGE)
def add_app(request: AppRequest, organization: Organization) -> HttpResponse:
    """One by its identifier, or several of what Apple has. `?identifier=`: typed already, on a bundle ID's page."""
    bundle_ids = BundleId.objects.for_actor(request.actor, Permission.ASSET_VIEW).visible_in(organization)
    found = bundle_ids.at_apple().exclude(identifier__endswith="*").order_by("identifier")
    offered = list(found.only("identifier", "name", "platform")[:OFFERED])
    many = request.POST if "several" in request.POST else None
    one = request.POST if request.method == "POST" and many is None else None
    asked = {"identifier": request.GET.get("identifier", "")}
    form = AddAppForm(one, organization=organization, initial=asked)
    several = AddSeveralAppsForm(many, organization=organization, offered=offered)
    if form.is_valid():
        form.app.add(request.actor)
        messages.success(request, "Added. What it signs with is below.")
        return redirect("app", slug=organization.slug, pk=form.app.pk)
    if several.is_valid():
        messages.success(request, f"Added {len(several.add(request.actor))}. Each shows what it signs with.")
        return redirect("apps", slug=organization.slug)
    context = {"form": form, "several": several, "offered": offered}
    return render(
        request, "appstore/apps/add.html", context, status=400 if form.errors or several.errors else 200
    )
