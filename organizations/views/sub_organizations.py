"""Sub-organizations of a root, and the organization's own settings."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from organizations.forms import OrganizationForm
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ORGANIZATION_MANAGE)
def sub_organizations(request: AppRequest, organization: Organization) -> HttpResponse:
    """List and create. A sub-organization has none of its own."""
    if not organization.is_root:
        raise Http404
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sub = organization.create_sub_organization(request.actor, form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error("name", error.messages[0])
        else:
            messages.success(request, f"{sub} is created. Invite its members, or share credentials with it.")
            return redirect("sub-organizations", slug=organization.slug)
    subs = organization.sub_organizations.annotate(member_count=Count("memberships")).prefetch_related(
        "data_keys"
    )
    context = {
        "form": form,
        "live": [sub for sub in subs if not sub.is_archived],
        "archived": [sub for sub in subs if sub.is_archived],
    }
    return render(
        request, "organizations/sub_organizations.html", context, status=400 if form.errors else 200
    )


def _sub(organization: Organization, pk: str) -> Organization:
    return get_object_or_404(organization.sub_organizations, pk=pk)


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ORGANIZATION_MANAGE)
def archive_sub_organization(request: AppRequest, organization: Organization, pk: str) -> HttpResponse:
    sub = _sub(organization, pk)
    if request.method == "POST":
        sub.archive(request.actor)
        messages.success(
            request, f"{sub} is archived. Its members cannot reach it any more; restoring brings all back."
        )
        return redirect("sub-organizations", slug=organization.slug)
    context = {"sub": sub, "members": sub.memberships.select_related("user")}
    return render(request, "organizations/archive_sub_organization.html", context)


@require_POST
@organization_page(Permission.ORGANIZATION_MANAGE)
def restore_sub_organization(request: AppRequest, organization: Organization, pk: str) -> HttpResponse:
    sub = _sub(organization, pk)
    try:
        sub.restore(request.actor)
    except ValidationError as error:
        messages.error(request, f"{sub} stays archived. {error.messages[0]}")
    else:
        messages.success(request, f"{sub} is back.")
    return redirect("sub-organizations", slug=organization.slug)


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ORGANIZATION_MANAGE)
def organization_settings(request: AppRequest, organization: Organization) -> HttpResponse:
    form = OrganizationForm(request.POST or None, initial={"name": organization.name})
    if request.method == "POST" and form.is_valid():
        was = organization.name
        try:
            organization.rename(request.actor, form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error("name", error.messages[0])
            organization.name = was
        else:
            messages.success(request, "The name is changed. The address stays, so links keep working.")
            return redirect("organization-settings", slug=organization.slug)
    context = {"form": form, "has_second_factor": request.actor.has_second_factor}
    return render(request, "organizations/settings.html", context, status=400 if form.errors else 200)
