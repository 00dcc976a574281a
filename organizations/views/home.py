"""The front door: where `/` leads, and the very first account."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from organizations.actors import SYSTEM
from organizations.forms import OrganizationForm, SetUpForm
from organizations.models import Organization, User
from organizations.permissions import Permission
from organizations.requests import AppRequest

SET_UP_SALT = "organizations.set-up"


def set_up_token() -> str:
    """What the first-start link carries; worth nothing once there is an account."""
    return signing.dumps("first account", salt=SET_UP_SALT)


@require_safe
@login_required
def home(request: AppRequest) -> HttpResponse:
    first = Organization.objects.for_actor(request.actor, Permission.ORGANIZATION_VIEW).family_order().first()
    if first is not None:
        return redirect("overview", slug=first.slug)
    return render(request, "organizations/none.html", {"form": OrganizationForm()})


@require_http_methods(["GET", "POST"])
@login_required
def create_root(request: AppRequest) -> HttpResponse:
    """Operators make further root organizations, and own what they make."""
    if not request.actor.is_operator or request.actor.user is None:
        raise Http404
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        root = Organization.create_root(request.actor, form.cleaned_data["name"], request.actor.user)
        return redirect("overview", slug=root.slug)
    return render(request, "organizations/create_root.html", {"form": form})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_up(request: AppRequest, token: str) -> HttpResponse:
    """The first account: an operator, and the owner of the first root organization."""
    try:
        signing.loads(token, salt=SET_UP_SALT)
    except signing.BadSignature:
        raise Http404 from None
    form = SetUpForm(request.POST or None)
    if User.objects.exists():
        return redirect("account_login")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with transaction.atomic():
            user = User.objects.create_superuser(data["email"], data["password"], name=data["name"])
            root = Organization.create_root(SYSTEM, data["organization"], user)
        get_adapter(request).login(request, user)
        return redirect("overview", slug=root.slug)
    return render(request, "organizations/set_up.html", {"form": form})
