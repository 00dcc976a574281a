"""Reveal and download: the page that says what will happen, and the one POST that does it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from credentials import reveal_tickets
from credentials.access import owned_credential
from credentials.crypto import SealError
from credentials.forms import RevealForm
from credentials.kinds import KINDS, export_of, form_label
from credentials.models import Credential, RevealRequest
from credentials.models.reveal_errors import RevealRefusedError
from credentials.models.reveal_request import State
from organizations.downloads import attachment
from organizations.fresh import fresh_authentication_required
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


def _page(credential: Credential) -> str:
    return reverse("reveal-credential", args=[credential.organization.slug, credential.pk])


@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_VIEW)
def reveal(request: AppRequest, organization: Organization, pk: Any) -> HttpResponseBase:
    """GET: who sees what, and that it goes on record. POST: the secret, once; or the request to a second owner."""
    credential = owned_credential(request, organization, pk, Permission.CREDENTIAL_REVEAL)
    page = _page(credential)
    if answer := fresh_authentication_required(request, organization, back_to=page):
        return answer
    asked = _asked(request, credential)
    if request.method != "POST":
        return _show(request, credential, RevealForm(credential=credential), asked)
    if not reveal_tickets.take(request.session, credential.pk, request.POST.get("ticket", "")):
        messages.warning(request, "That was sent before, so nothing was opened again. Fill in the form anew.")
        return redirect(page)
    if asked and request.POST.get("use") == str(asked.pk):
        return _hand_out(request, credential, purpose=asked.reason, what=asked.what, approved=asked)
    form = RevealForm(request.POST, credential=credential)
    if not form.is_valid():
        return _show(request, credential, form, asked)
    reason, what = form.cleaned_data["reason"], form.cleaned_data["what"]
    if organization.approval_is_needed:
        return _ask(request, credential, reason=reason, what=what)
    return _hand_out(request, credential, purpose=reason, what=what, approved=None)


def _asked(request: AppRequest, credential: Credential) -> RevealRequest | None:
    """What this person asked for last."""
    rows = RevealRequest.objects.for_actor(request.actor, Permission.CREDENTIAL_REVEAL)
    rows = rows.filter(credential=credential, requested_by=request.actor.user)
    return rows.select_related("credential__organization__parent", "requested_by", "approved_by").first()


def _show(
    request: AppRequest, credential: Credential, form: RevealForm, asked: RevealRequest | None
) -> HttpResponse:
    context = {
        "credential": credential,
        "form": form,
        "ticket": reveal_tickets.issue(request.session, credential.pk),
        "asked": asked,
        "asked_for": form_label(credential, asked.what) if asked else "",
        "is_usable": bool(asked and asked.state is State.APPROVED),
    }
    return render(request, "credentials/reveal.html", context, status=400 if form.errors else 200)


def _ask(request: AppRequest, credential: Credential, *, reason: str, what: str) -> HttpResponse:
    try:
        RevealRequest.ask(request.actor, credential, what=what, reason=reason)
    except RevealRefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Asked. Another owner finds it under Approvals.")
    return redirect(_page(credential))


@sensitive_variables()
def _hand_out(
    request: AppRequest, credential: Credential, *, purpose: str, what: str, approved: RevealRequest | None
) -> HttpResponse:
    """The secret on a page, or as a file. Where the event cannot be written this raises, and nothing is opened."""
    try:
        secret = credential.reveal(request.actor, purpose, what=what, request=approved)
    except (RevealRefusedError, SealError) as error:
        messages.error(request, str(error))
        return redirect(_page(credential))
    if export := export_of(credential, what):
        made = export.make(credential, secret)
        return attachment(made.content, name=made.name, content_type=made.content_type)
    context = {"credential": credential, "secret": KINDS[credential.kind].show(secret)}
    return render(request, "credentials/revealed.html", context)


@require_POST
@organization_page(Permission.CREDENTIAL_VIEW)
def allow_reveal(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """Turn “use without seeing” on or off. Letting people see it again takes fresh authentication."""
    credential = owned_credential(request, organization, pk, Permission.CREDENTIAL_REVEAL)
    allowed = request.POST.get("allowed") == "yes"
    if allowed and (
        answer := fresh_authentication_required(request, organization, back_to=credential.page_path())
    ):
        return answer
    credential.allow_reveal(request.actor, allowed=allowed)
    said = "Owners may reveal it again." if allowed else "From now on CredHub uses it, and nobody sees it."
    messages.success(request, said)
    return redirect(credential.page_path())
