"""The share panel. Dashboard and admin render the same partial and run the same code."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from credentials.access import owned_credential
from credentials.forms import ShareForm
from credentials.models import Credential
from credentials.sharing import ShareChange, builds_get_it, preview, share
from organizations.actors import Actor
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


def share_panel(
    request: HttpRequest,
    actor: Actor,
    credential: Credential,
    *,
    done: str,
    template: str,
    extra: dict[str, Any],
) -> HttpResponse:
    """Show the panel; preview a choice (`preview` in the POST); or apply it and go to `done`.

    The caller has checked CREDENTIAL_SHARE. htmx asks for the preview alone.
    """
    form = ShareForm(request.POST or None, credential=credential)
    change: ShareChange | None = None
    if request.method == "POST" and form.is_valid():
        choice = {"with_all": form.cleaned_data["shared_with_all"], "chosen": form.chosen()}
        if "preview" in request.POST:
            change = preview(credential, **choice)
        else:
            was = credential.name
            try:
                with transaction.atomic():
                    credential.rename(actor, form.cleaned_data["name"])
                    applied = share(actor, credential, **choice)
            except ValidationError as error:
                form.add_error(None, error.messages[0])
                credential.name = was
            else:
                messages.success(request, _told(credential, applied))
                return redirect(done)
    context = {"credential": credential, "form": form, "change": change, **extra}
    context["builds_get_it"] = builds_get_it(credential)
    if getattr(request, "htmx", False) and "preview" in request.POST:
        return render(request, "credentials/_share_preview.html", context)
    return render(request, template, context, status=400 if form.errors else 200)


def _told(credential: Credential, change: ShareChange) -> str:
    if credential.shared_with_all:
        return f"{credential} is shared with all sub-organizations, present and future."
    count = len(change.gained) + len(change.kept)
    if not count:
        return f"{credential} is shared with nobody."
    return f"{credential} is shared with {count} sub-organization{'' if count == 1 else 's'}."


@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_VIEW)
def share_page(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    credential = owned_credential(request, organization, pk, Permission.CREDENTIAL_SHARE)
    if credential.is_archived:
        messages.error(request, "Restore the credential before you share it.")
        return redirect(credential.page_path())
    return share_panel(
        request,
        request.actor,
        credential,
        done=credential.page_path(),
        template="credentials/share.html",
        extra={},
    )
