"""Destroying an archived sub-organization for good: what is lost, who asks, the name typed out, and then it is gone."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from credentials import shredding
from credentials.forms import DestroyForm
from organizations.fresh import fresh_authentication_required
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_http_methods(["GET", "POST"])
@organization_page(Permission.ORGANIZATION_MANAGE)
def destroy_sub_organization(request: AppRequest, organization: Organization, pk: Any) -> HttpResponseBase:
    """Takes fresh authentication, as seeing one secret does: this ends all of them."""
    sub = get_object_or_404(organization.sub_organizations, pk=pk)
    if answer := fresh_authentication_required(request, organization, back_to=request.path):
        return answer
    form = DestroyForm(request.POST or None, organization=sub)
    if request.method == "POST" and form.is_valid():
        try:
            shredding.destroy(request.actor, sub)
        except ValidationError as error:
            messages.error(request, f"{sub} is not destroyed. {error.messages[0]}")
        else:
            messages.success(request, f"{sub} is destroyed for good. Nothing of it opens any more.")
        return redirect("sub-organizations", slug=organization.slug)
    context = {"sub": sub, "form": form, "impact": shredding.impact(sub)}
    return render(
        request, "credentials/destroy_sub_organization.html", context, status=400 if form.errors else 200
    )
