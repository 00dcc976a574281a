"""Adding a credential: which kind, its form; and a new secret for one that is there."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from credentials.access import owned_credential
from credentials.kinds import KINDS, Kind, Platform
from credentials.kinds.kind_form import KindForm
from credentials.models import DuplicateCredentialError
from credentials.sharing import shared_with
from credentials.views.adding_several import add_several
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@require_safe
@organization_page(Permission.CREDENTIAL_MANAGE)
def choose_kind(request: AppRequest, organization: Organization) -> HttpResponse:
    def address(slug: str, name: str) -> str:
        return (
            reverse(name, args=[organization.slug])
            if name
            else reverse("add-credential", args=[organization.slug, slug])
        )

    shelves = [
        (
            platform,
            [
                (kind, address(kind.slug, kind.add_url))
                for kind in KINDS.values()
                if kind.platform is platform
            ],
        )
        for platform in Platform
    ]
    return render(request, "credentials/choose_kind.html", {"shelves": [each for each in shelves if each[1]]})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_MANAGE)
@sensitive_variables()
def add_credential(request: AppRequest, organization: Organization, kind: str) -> HttpResponse:
    found = KINDS.get(kind)
    if found is None or found.form is None:
        raise Http404
    files = request.FILES.getlist("file")
    if found.form.TAKES_SEVERAL and len(files) > 1:
        return add_several(request, organization, found, found.form, files)
    form = found.form(request.POST or None, request.FILES or None, organization=organization)
    return _stored(request, form, found, "credentials/add.html")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_MANAGE)
@sensitive_variables()
def generate_credential(request: AppRequest, organization: Organization, kind: str) -> HttpResponse:
    """A new one, made here."""
    found = KINDS.get(kind)
    if found is None or found.generate is None:
        raise Http404
    data = request.POST if request.method == "POST" else None  # every field may be empty
    form = found.generate(data, organization=organization)
    return _stored(request, form, found, "credentials/generate.html")


@sensitive_variables()
def _stored(request: AppRequest, form: KindForm, kind: Kind, template: str) -> HttpResponse:
    """On to the new credential's page, or the form with what is wrong."""
    if request.method == "POST" and form.is_valid():
        try:
            credential = form.save(request.actor)
        except DuplicateCredentialError as error:
            form.add_error(None, f"{error} Somebody added it a moment ago.")
        else:
            messages.success(request, f"{credential} is stored.")
            return redirect(credential.page_path())
    return render(request, template, {"form": form, "kind": kind}, status=400 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_VIEW)
@sensitive_variables()
def replace_credential(request: AppRequest, organization: Organization, pk: Any) -> HttpResponseBase:
    """A new secret for the same credential: its shares and links stay."""
    credential = owned_credential(request, organization, pk, Permission.CREDENTIAL_MANAGE)
    kind = KINDS[credential.kind]
    if kind.replace is not None:
        answer: HttpResponseBase = kind.replace(request, organization, credential)
        return answer
    if kind.form is None or not kind.can_replace:
        raise Http404
    form = kind.form(
        request.POST or None, request.FILES or None, organization=organization, replaces=credential
    )
    if request.method == "POST" and form.is_valid():
        form.save(request.actor)
        messages.success(request, "It is replaced. Shares and links stay.")
        return redirect(credential.page_path())
    context = {"form": form, "credential": credential, "kind": kind, "used_by": shared_with(credential)}
    return render(request, "credentials/replace.html", context, status=400 if form.errors else 200)
