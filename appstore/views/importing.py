"""Importing: the page that takes an upload, and the page on which it is read, shown and stored."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from appstore.import_forms import ImportForm, KeyPurposeForm, PasswordsForm
from appstore.imports import uploading
from appstore.imports.choosing import SHOWN, choose, shown_items
from appstore.models import ImportItem, ImportState, ImportUpload, ItemState
from credentials.uploads import takes_archives
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

RECENT = 10


def _uploads(request: AppRequest, organization: Organization) -> Any:
    rows = ImportUpload.objects.for_actor(request.actor, Permission.CREDENTIAL_MANAGE)
    rows = rows.filter(organization=organization).without_content()
    return rows.select_related("run", "uploaded_by", "organization__parent")


@takes_archives
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_MANAGE)
@sensitive_variables()
def import_page(request: AppRequest, organization: Organization) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        name, archive = uploading.archive_of(form.chosen)
        passwords = {each: form.cleaned_data[each] for each in ("passphrase", "password")}
        try:
            upload = uploading.begin(request.actor, organization, name, archive, **passwords)
        except uploading.TooManyImportsError as error:
            form.add_error(None, str(error))
        else:
            return redirect(upload.page_path())
    recent = _uploads(request, organization)[:RECENT]
    context = {"form": form, "recent": recent}
    return render(request, "appstore/import.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@organization_page(Permission.CREDENTIAL_MANAGE)
@sensitive_variables()
def import_upload(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """GET: how far it is, what was found, what became of it. POST: what is to be done (`do`)."""
    upload = get_object_or_404(_uploads(request, organization), pk=pk)
    do = request.POST.get("do") if request.method == "POST" else ""
    forms = _key_forms(request, upload, is_posted=do == "store")
    form = PasswordsForm(request.POST if do == "read-again" else None)
    if do == "discard":
        uploading.discard(request.actor, upload)
        messages.success(request, "Discarded. What was uploaded is deleted, and nothing of it is stored.")
        return redirect("imports", slug=organization.slug)
    if do == "read-again" and form.is_valid():
        uploading.read_again(request.actor, upload, **form.cleaned_data)
        return redirect(upload.page_path())
    if do == "store" and _store(request, upload, forms):
        return redirect(upload.page_path())
    return _show(request, upload, form, forms)


def _key_forms(request: AppRequest, upload: ImportUpload, *, is_posted: bool) -> dict[Any, KeyPurposeForm]:
    """A form for each .p8. Those that are not ticked need not be filled in."""
    if upload.state != ImportState.READ:
        return {}
    items = ImportItem.objects.for_actor(request.actor, Permission.CREDENTIAL_MANAGE)
    keys = items.filter(upload=upload, state=ItemState.KEY).defer("content")
    ticked = set(request.POST.getlist("item"))
    return {
        key.pk: KeyPurposeForm(
            request.POST if is_posted and str(key.pk) in ticked else None,
            prefix=str(key.pk),
            initial=key.said,
        )
        for key in keys
    }


def _store(request: AppRequest, upload: ImportUpload, forms: dict[Any, KeyPurposeForm]) -> bool:
    """Whether the run was asked for; else there is something to correct or to choose."""
    bound = {pk: form for pk, form in forms.items() if form.is_bound}
    wrong = [form for form in bound.values() if not form.is_valid()]  # each of them says what is wrong
    if wrong:
        messages.error(request, "Nothing is stored yet. Say what each key that you take is for.")
        return False
    said = {pk: form.cleaned_data for pk, form in bound.items()}
    rest = request.POST.get("rest") == "1"
    if upload.state == ImportState.READ and not choose(upload, request.POST.getlist("item"), said, rest=rest):
        messages.error(request, "Nothing was chosen. Tick what is to be stored.")
        return False
    uploading.store(request.actor, upload)
    return True


def _show(
    request: AppRequest, upload: ImportUpload, form: PasswordsForm, forms: dict[Any, KeyPurposeForm]
) -> HttpResponse:
    reachable = ImportItem.objects.for_actor(request.actor, Permission.CREDENTIAL_MANAGE).filter(
        upload=upload
    )
    counts = dict(reachable.order_by().values_list("state").annotate(Count("pk")))
    context = {
        "upload": upload,
        "sections": shown_items(reachable, forms),
        "counts": [(state, counts[state]) for state in ItemState if counts.get(state)],
        "more": max(0, counts.get(ItemState.NEW, 0) - SHOWN),
        "can_take": upload.state == ImportState.READ
        and bool(counts.get(ItemState.NEW) or counts.get(ItemState.KEY)),
        "form": form,
        "progress": (upload.run.counts or {}).get("files") if upload.run else None,
    }
    is_wrong = any(each.errors for each in forms.values())
    return render(request, "appstore/import_upload.html", context, status=400 if is_wrong else 200)
