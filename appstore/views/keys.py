"""App Store Connect API keys: adding one, its page, its private key, its syncs."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appstore import budget
from appstore.client.endpoints import endpoints_for, role_for
from appstore.forms import AppStoreConnectKeyForm, ReplacePrivateKeyForm
from appstore.models import AppStoreConnectKey, Certificate, KeyType, Profile, SyncRun
from appstore.progress import progress_of
from appstore.runs import INDIVIDUAL_KEYS_DO_NOT_SYNC
from credentials.access import visible_credential
from credentials.models import Credential, DuplicateCredentialError
from credentials.sharing import shared_with
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

KEY_TYPES = [
    (
        KeyType.TEAM,
        "For everything a team signs and ships. Syncs certificates, profiles, bundle IDs and devices.",
    ),
    (
        KeyType.INDIVIDUAL,
        "A person's own key, without an Issuer ID. Uploads and TestFlight; Apple lets it sync nothing.",
    ),
    (
        KeyType.ENTERPRISE,
        "Of the Apple Developer Enterprise Program. In-house signing; no App Store, no TestFlight.",
    ),
]


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_MANAGE)
@sensitive_variables()
def add_key(request: AppRequest, organization: Organization) -> HttpResponse:
    form = AppStoreConnectKeyForm(request.POST or None, request.FILES or None, organization=organization)
    if request.method == "POST" and form.is_valid():
        try:
            key = form.save(request.actor)
        except DuplicateCredentialError as error:
            form.add_error(None, f"{error} Somebody added it a moment ago.")
        else:
            messages.success(request, f"{key.credential} is stored. Asking Apple whether it works…")
            return redirect(key.credential.page_path())
    context = {"form": form, "key_types": KEY_TYPES}
    return render(request, "appstore/add_key.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters()
@sensitive_variables()
def replace_private_key(
    request: AppRequest, organization: Organization, credential: Credential
) -> HttpResponse:
    """The page `replace-credential` for this kind; who gets here may do it."""
    key = credential.app_store_connect_key
    form = ReplacePrivateKeyForm(request.POST or None, request.FILES or None, key=key)
    if request.method == "POST" and form.is_valid():
        key.replace_private_key(
            request.actor, key_type=KeyType(form.cleaned_data["key_type"]), p8=form.cleaned_data["p8"]
        )
        messages.success(
            request, "The private key is replaced. Shares and links stay. Asking Apple whether it works…"
        )
        return redirect(credential.page_path())
    context = {
        "form": form,
        "credential": credential,
        "key": key,
        "key_types": KEY_TYPES,
        "used_by": shared_with(credential),
    }
    return render(request, "appstore/replace_private_key.html", context, status=400 if form.errors else 200)


def key_page(request: AppRequest, organization: Organization, credential: Credential) -> HttpResponse:
    """One key: facts, Apple's last answer, what it syncs, and how its syncs went."""
    key = get_object_or_404(
        AppStoreConnectKey.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW).select_related(
            "team"
        ),
        credential=credential,
    )
    key.credential = credential
    progress = progress_of(key)
    if not progress.is_active:
        # It may have ended since the row was read, and then nothing on the page would ask again.
        credential.refresh_from_db(fields=["status", "status_note", "checked_at", "last_synced_at"])
    context: dict[str, Any] = {
        "credential": credential,
        "key": key,
        "is_owned": credential.organization_id == organization.pk,
        "progress": progress,
        "budget": budget.shown(key),
        "runs": _runs(request, key)[:10],
        "individual_note": INDIVIDUAL_KEYS_DO_NOT_SYNC,
        "capabilities": _capabilities(key),
    }
    if key.team is not None:
        certificates = Certificate.objects.for_actor(request.actor, Permission.ASSET_VIEW).filter(
            team=key.team
        )
        profiles = Profile.objects.for_actor(request.actor, Permission.ASSET_VIEW).filter(team=key.team)
        context["certificate_count"] = certificates.at_apple().count()
        context["profile_count"] = profiles.at_apple().count()
        context["certificates"] = certificates.soonest_first().defer("certificate_content")[:10]
        context["profiles"] = profiles.soonest_first().defer("profile_content")[:10]
    if context["is_owned"] and organization.is_root:
        context["shared_with"] = shared_with(credential)
    return render(request, "appstore/key.html", context)


def _runs(request: AppRequest, key: AppStoreConnectKey) -> Any:
    runs = SyncRun.objects.for_actor(request.actor, Permission.ASSET_VIEW)
    about = Q(key=key) | (Q(team=key.team) if key.team_id else Q(pk=None))
    return (
        runs.filter(about).select_related("requested_by", "key__credential", "team").order_by("-created_at")
    )


def _capabilities(key: AppStoreConnectKey) -> list[tuple[str, bool | None, str]]:
    """Each endpoint, whether Apple lets the key use it (None: not tried), and the role to ask for."""
    return [
        (endpoint.label, key.capabilities.get(endpoint.name), role_for(endpoint, key.key_type))
        for endpoint in endpoints_for(key.key_type)
    ]


@require_safe
@organization_page(Permission.CREDENTIAL_VIEW)
def key_progress(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """What the key page polls while something runs; when it is over, the page is loaded anew by htmx."""
    credential = visible_credential(request, organization, pk)
    progress = progress_of(credential.app_store_connect_key)
    context = {"credential": credential, "progress": progress}
    response = render(request, "appstore/_progress.html", context)
    if not progress.is_active:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@organization_page(Permission.SYNC_RUN)
def sync_now(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """Sync the key's team; for an Individual key, or one that Apple refused, check the key."""
    credential = visible_credential(request, organization, pk)
    key = credential.app_store_connect_key
    if credential.is_archived:
        messages.error(request, "Restore the credential before you sync it.")
    elif key.can_sync and key.team is not None and "check" not in request.POST:
        SyncRun.request_sync(request.actor, key.team, trigger=SyncRun.Trigger.MANUAL, key=key)
    else:
        SyncRun.request_check(request.actor, key, trigger=SyncRun.Trigger.MANUAL)
    return redirect(credential.page_path(organization))
