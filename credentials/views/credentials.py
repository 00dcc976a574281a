"""The credentials of an organization: the list, and what can be done to one of any kind."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from credentials.access import owned_credential, visible_credential
from credentials.forms import RenameForm
from credentials.kinds import KINDS
from credentials.models import Credential, Status
from credentials.sharing import builds_get_it, shared_with
from organizations.listing import Filter, Spec, listing
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


def _by_status(rows: Any, value: str) -> Any:
    now = timezone.now()
    if value == "EXPIRED":
        return rows.filter(expires_at__lte=now)
    if value == "EXPIRING":
        return rows.filter(expires_at__gt=now, expires_at__lte=now + timedelta(days=30))
    return rows.filter(status=value)


def _spec(organization: Organization) -> Spec:
    owner = Filter(
        "owner",
        "Owner",
        [("own", "This organization"), ("root", "Root")],
        lambda rows, value: (
            rows.filter(organization=organization)
            if value == "own"
            else rows.exclude(organization=organization)
        ),
    )
    return Spec(
        search=["name", "identifier"],
        sorts={
            "name": Lower("name"),
            "status": "status",
            "added": "created_at",
            "checked": "checked_at",
            "synced": "last_synced_at",
        },
        default_sort="name",
        filters=[
            Filter(
                "status",
                "Status",
                [*Status.choices, ("EXPIRING", "Expiring within 30 days"), ("EXPIRED", "Expired")],
                _by_status,
            ),
            Filter(
                "kind",
                "Kind",
                [(kind.slug, kind.label) for kind in KINDS.values()],
                lambda rows, value: rows.filter(kind=value),
            ),
            *([] if organization.is_root else [owner]),
        ],
    )


@require_safe
@organization_page(Permission.CREDENTIAL_VIEW)
def credential_list(request: AppRequest, organization: Organization) -> HttpResponse:
    archived = request.GET.get("archived") == "1" and request.actor.can(
        Permission.CREDENTIAL_MANAGE, organization
    )
    reachable = Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW)
    rows = reachable.visible_in(organization).filter(archived_at__isnull=not archived)
    rows = rows.without_secret().select_related("organization")
    if organization.is_root:
        rows = rows.with_share_counts()
    context = {
        "listing": listing(request, rows, _spec(organization)),
        "archived": archived,
        "kinds": KINDS,
        "has_archived": reachable.filter(organization=organization).exclude(archived_at=None).exists(),
    }
    return render(request, "credentials/list.html", context)


@require_safe
@organization_page(Permission.CREDENTIAL_VIEW)
def credential_page(request: AppRequest, organization: Organization, pk: Any) -> HttpResponseBase:
    credential = visible_credential(request, organization, pk)
    kind = KINDS[credential.kind]
    if kind.page is not None:
        return kind.page(request, organization, credential)
    is_owned = credential.organization_id == organization.pk
    context = {
        "credential": credential,
        "kind": kind,
        "rows": kind.rows(credential),
        "is_owned": is_owned,
        "builds_get_it": builds_get_it(credential),
        "shared_with": shared_with(credential) if is_owned and organization.is_root else [],
        "replace_words": "Replace what is stored" if kind.form and kind.can_replace else "",
    }
    return render(request, kind.template, context | kind.more(request.actor, organization, credential))


@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_VIEW)
def rename(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    credential = owned_credential(request, organization, pk, Permission.CREDENTIAL_MANAGE)
    form = RenameForm(request.POST or None, initial={"name": credential.name})
    if request.method == "POST" and form.is_valid():
        was = credential.name
        try:
            credential.rename(request.actor, form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error("name", error.messages[0])
            credential.name = was
        else:
            messages.success(request, "The name is changed.")
            return redirect(credential.page_path())
    context = {"credential": credential, "form": form}
    return render(request, "credentials/rename.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_VIEW)
def archive(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    credential = owned_credential(request, organization, pk, Permission.CREDENTIAL_MANAGE)
    if request.method == "POST" and not credential.is_archived:
        credential.archive(request.actor)
        messages.success(request, f"{credential} is archived. It can be restored from the archived list.")
        return redirect("credentials", slug=organization.slug)
    context = {
        "credential": credential,
        "kind": KINDS[credential.kind],
        "used_by": shared_with(credential),
    }
    return render(request, "credentials/archive.html", context)


@require_POST
@organization_page(Permission.CREDENTIAL_VIEW)
def restore(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    credential = owned_credential(request, organization, pk, Permission.CREDENTIAL_MANAGE)
    try:
        credential.restore(request.actor)
    except ValidationError as error:
        messages.error(request, f"It stays archived. {error.messages[0]}")
    else:
        messages.success(request, f"{credential} is back, with the shares it had.")
    return redirect(credential.page_path())
