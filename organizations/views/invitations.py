"""Accepting an invitation: with the account one has, or with a new one."""

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
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
        return render(request, "organizations/invitation_ended.html", status=404)
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
        with transaction.atomic():
            user = User.objects.create_user(
                invitation.email, form.cleaned_data["password"], name=form.cleaned_data["name"]
            )
            response = _accept(request, invitation, user)
        login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return response
    return render(request, "organizations/accept_invitation.html", {"invitation": invitation, "form": form})


def _accept(request: AppRequest, invitation: Invitation, user: User) -> HttpResponse:
    actor = Actor(user=user, address=request.actor.address, request_id=request.request_id)
    try:
        invitation.accept(actor, user)
    except Invitation.DoesNotExist:
        return render(request, "organizations/invitation_ended.html", status=404)
    messages.success(request, f"Welcome to {invitation.organization}.")
    return redirect("overview", slug=invitation.organization.slug)
