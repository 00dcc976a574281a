"""Several files in one upload: each becomes a credential of its own, or a sentence that says why it did not."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.debug import sensitive_variables

from credentials.kinds import Kind
from credentials.kinds.kind_form import KindForm
from credentials.models import Credential, DuplicateCredentialError
from organizations.models import Organization
from organizations.requests import AppRequest
from organizations.words import clean


@dataclass(frozen=True)
class Outcome:
    file_name: str
    credential: Credential | None = None
    refusal: str = ""


@sensitive_variables()
def add_several(
    request: AppRequest,
    organization: Organization,
    kind: Kind,
    form: type[KindForm],
    files: "Sequence[UploadedFile[bytes]]",
) -> HttpResponse:
    """Each is stored or refused by itself, in the order in which they came: one that is bad holds up no other."""
    outcomes = [_add(request, form, organization, file) for file in files]
    stored = [each for each in outcomes if each.credential]
    if len(stored) == len(outcomes):
        messages.success(request, f"All {len(stored)} are stored.")
        return redirect("credentials", slug=organization.slug)
    context = {
        "form": form(organization=organization),
        "kind": kind,
        "outcomes": outcomes,
        "stored": len(stored),
    }
    return render(request, "credentials/add.html", context, status=200 if stored else 400)


def _add(
    request: AppRequest, form_class: type[KindForm], organization: Organization, file: "UploadedFile[bytes]"
) -> Outcome:
    form = form_class({}, MultiValueDict({"file": [file]}), organization=organization)
    name = clean(file.name)
    if not form.is_valid():
        return Outcome(
            name, refusal=" ".join(str(error) for found in form.errors.values() for error in found)
        )
    try:
        return Outcome(name, form.save(request.actor))
    except DuplicateCredentialError as error:
        return Outcome(name, refusal=f"{error} Somebody added it a moment ago.")
