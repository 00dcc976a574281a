"""API tokens of an organization: who has which, a new one shown once, a new secret for one, and taking one away."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from organizations.fresh import fresh_authentication_required
from organizations.models import ApiToken, Organization, ScopeAboveOwnError
from organizations.pages import organization_page
from organizations.permissions import TOKEN_SCOPES, Permission
from organizations.requests import AppRequest
from organizations.token_forms import RotateForm, TokenForm
from organizations.token_rotation import TokenIsOverError, rotate


@require_http_methods(["GET", "POST"])
@organization_page(Permission.TOKEN_MANAGE)
@sensitive_variables("text")
def tokens(request: AppRequest, organization: Organization) -> HttpResponseBase:
    """GET: the list. POST: a new one, whose text is on this answer and nowhere else; it takes fresh authentication."""
    scopes = [scope for scope in TOKEN_SCOPES if request.actor.can(scope, organization)]
    if request.method != "POST":
        return _page(request, organization, TokenForm(scopes=scopes))
    page = reverse("tokens", args=[organization.slug])
    if answer := fresh_authentication_required(request, organization, back_to=page):
        return answer
    form = TokenForm(request.POST, scopes=scopes)
    if not form.is_valid():
        return _page(request, organization, form)
    ends = timezone.now() + timedelta(days=form.cleaned_data["days"])
    try:
        _token, text = ApiToken.issue(request.actor, organization, expires_at=ends, **form.limits())
    except ScopeAboveOwnError as error:
        form.add_error("scopes", str(error))
        return _page(request, organization, form)
    return _page(request, organization, TokenForm(scopes=scopes), text=text)


def _page(request: AppRequest, organization: Organization, form: TokenForm, text: str = "") -> HttpResponse:
    reachable = ApiToken.objects.for_actor(request.actor, Permission.TOKEN_MANAGE).made_by_people()
    rows = reachable.filter(organization=organization).with_old_secrets().select_related("created_by")
    rows = rows.order_by(
        F("revoked_at").desc(nulls_first=True), "-created_at"
    )  # those that work are never cut off
    context = {"tokens": rows[:200], "form": form, "text": text}
    return render(request, "organizations/tokens.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@organization_page(Permission.TOKEN_MANAGE)
@sensitive_variables("text")
def rotate_token(request: AppRequest, organization: Organization, pk: str) -> HttpResponseBase:
    """A new secret, on this answer and nowhere else; it takes fresh authentication."""
    reachable = ApiToken.objects.for_actor(request.actor, Permission.TOKEN_MANAGE).made_by_people()
    token = get_object_or_404(reachable.live().filter(organization=organization), pk=pk)
    form = RotateForm(request.POST or None)
    context: dict[str, Any] = {"token": token, "form": form}
    page = "organizations/rotate_token.html"
    if request.method != "POST":
        return render(request, page, context)
    if answer := fresh_authentication_required(request, organization, back_to=request.path):
        return answer
    if form.is_valid():
        overlap = timedelta(days=form.cleaned_data["overlap"])
        ends = timezone.now() + timedelta(days=form.cleaned_data["days"])
        try:
            context["text"] = rotate(request.actor, token, overlap=overlap, expires_at=ends)
        except (ScopeAboveOwnError, TokenIsOverError) as error:
            form.add_error(None, str(error))
    return render(request, page, context, status=400 if form.errors else 200)


@require_POST
@organization_page(Permission.TOKEN_MANAGE)
def revoke_token(request: AppRequest, organization: Organization, pk: str) -> HttpResponse:
    reachable = ApiToken.objects.for_actor(request.actor, Permission.TOKEN_MANAGE).made_by_people()
    token = get_object_or_404(reachable.filter(organization=organization, revoked_at=None), pk=pk)
    token.revoke(request.actor)
    messages.success(request, f"The API token “{token}” works no more.")
    return redirect("tokens", slug=organization.slug)
