"""Accepting an invitation: with the account one has, or with a new one."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from organizations.actors import Actor
from organizations.forms import NewAccountForm
from organizations.models import Invitation, User
from organizations.requests import AppRequest


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def accept_invitation(request: AppRequest, token: str) -> HttpResponse:
    """The link proves the address: whoever has an account signs in to it, anybody else makes one."""
    invitation = Invitation.objects.by_token(token)
    if invitation is None:
        return _ended(request)
    account = User.objects.filter(email__iexact=invitation.email).first()
    if account is None:
        return _with_new_account(request, invitation)
    if request.user.is_anonymous:
        return redirect_to_login(request.get_full_path())
    if request.user.pk != account.pk:
        if request.method == "POST":
            logout(request)
            return redirect(request.get_full_path())
        return render(request, "organizations/invitation_of_another.html", {"invitation": invitation})
    if request.method == "POST":
        return _accept(request, invitation, account)
    return render(request, "organizations/accept_invitation.html", {"invitation": invitation})


def _with_new_account(request: AppRequest, invitation: Invitation) -> HttpResponse:
    form = NewAccountForm(request.POST or None)
    form.email_for_validation = invitation.email
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():  # no account without the membership
                user = User.objects.create_user(invitation.email, data["password"], name=data["name"])
                invitation.accept(_as(request, user), user)
        except (Invitation.DoesNotExist, IntegrityError):  # used or taken back in this moment
            return _ended(request)
        get_adapter(request).login(request, user)
        return _welcome(request, invitation)
    return render(request, "organizations/accept_invitation.html", {"invitation": invitation, "form": form})


def _accept(request: AppRequest, invitation: Invitation, user: User) -> HttpResponse:
    try:
        invitation.accept(_as(request, user), user)
    except Invitation.DoesNotExist:
        return _ended(request)
    return _welcome(request, invitation)


def _as(request: AppRequest, user: User) -> Actor:
    return Actor(user=user, address=request.actor.address, request_id=request.request_id)


def _welcome(request: AppRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, f"Welcome to {invitation.organization}.")
    return redirect("overview", slug=invitation.organization.slug)


def _ended(request: AppRequest) -> HttpResponse:
    return render(request, "organizations/invitation_ended.html", status=404)
