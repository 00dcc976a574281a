"""Members of an organization, their roles, and invitations."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from organizations.forms import InvitationForm, RoleForm
from organizations.models import Invitation, LastOwnerError, Membership, Organization, RoleAboveOwnError
from organizations.pages import organization_page
from organizations.permissions import ROLE_PERMISSIONS, Permission, Role
from organizations.requests import AppRequest

GONE = "Somebody else removed this member a moment ago."


def _page(
    request: AppRequest, organization: Organization, form: InvitationForm | None = None, link: str = ""
) -> HttpResponse:
    own_role = request.actor.highest_role(organization) or Role.VIEWER
    invitations = Invitation.objects.for_actor(request.actor, Permission.MEMBER_MANAGE).open()
    context = {
        "members": organization.counting_memberships(),
        "invitations": invitations.filter(organization=organization).select_related("invited_by"),
        "form": form or InvitationForm(own_role=own_role, organization=organization),
        "roles": [role for role in Role if role.rank >= own_role.rank],
        "own_rank": own_role.rank,
        "matrix": [
            (permission.label, [permission in ROLE_PERMISSIONS[role] for role in Role])
            for permission in Permission
        ],
        "all_roles": list(Role),
        "link": link,
    }
    return render(request, "organizations/members.html", context, status=400 if form and form.errors else 200)


@require_safe
@organization_page(Permission.MEMBER_VIEW)
def members(request: AppRequest, organization: Organization) -> HttpResponse:
    return _page(request, organization)


@require_POST
@organization_page(Permission.MEMBER_MANAGE)
def invite(request: AppRequest, organization: Organization) -> HttpResponse:
    """The link is shown once, on the answer: mail may not be set up, or may be slow."""
    own_role = request.actor.highest_role(organization) or Role.VIEWER
    form = InvitationForm(request.POST, own_role=own_role, organization=organization)
    if not form.is_valid():
        return _page(request, organization, form)
    link = Invitation.send(
        request.actor,
        organization,
        email=form.cleaned_data["email"],
        role=Role(form.cleaned_data["role"]),
        link_for=lambda token: request.build_absolute_uri(reverse("accept-invitation", args=[token])),
    )
    messages.success(request, f"{form.cleaned_data['email']} is invited.")
    return _page(request, organization, link=link)


@require_POST
@organization_page(Permission.MEMBER_MANAGE)
def revoke_invitation(request: AppRequest, organization: Organization, pk: str) -> HttpResponse:
    invitations = Invitation.objects.for_actor(request.actor, Permission.MEMBER_MANAGE).open()
    invitation = get_object_or_404(invitations.filter(organization=organization), pk=pk)
    invitation.revoke(request.actor)
    messages.success(request, f"The invitation of {invitation.email} is taken back.")
    return redirect("members", slug=organization.slug)


@require_POST
@organization_page(Permission.MEMBER_MANAGE)
def change_role(request: AppRequest, organization: Organization, pk: str) -> HttpResponse:
    membership = _membership(request, organization, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the roles in the list.")
        return redirect("members", slug=organization.slug)
    try:
        membership.change_role(request.actor, Role(form.cleaned_data["role"]))
    except Membership.DoesNotExist:
        messages.error(request, GONE)
    except (LastOwnerError, RoleAboveOwnError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{membership.user} is {membership.get_role_display()} now.")
    return redirect("members", slug=organization.slug)


@require_POST
@organization_page(Permission.MEMBER_MANAGE)
def remove_member(request: AppRequest, organization: Organization, pk: str) -> HttpResponse:
    membership = _membership(request, organization, pk)
    try:
        membership.remove(request.actor)
    except Membership.DoesNotExist:
        messages.error(request, GONE)
    except (LastOwnerError, RoleAboveOwnError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{membership.user} is no longer a member.")
    return redirect("members", slug=organization.slug)


def _membership(request: AppRequest, organization: Organization, pk: str) -> Membership:
    memberships = Membership.objects.for_actor(request.actor, Permission.MEMBER_MANAGE)
    direct = memberships.filter(organization=organization).select_related("user", "organization")
    return get_object_or_404(direct, pk=pk)
