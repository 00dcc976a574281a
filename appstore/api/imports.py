"""Importing over the API: an upload is read by a run, and what was found is shown. Then `import_decisions`."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.datastructures import MultiValueDict
from django.views.decorators.debug import sensitive_variables
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from ninja.decorators import decorate_view
from pydantic import Field

from appstore.import_forms import ImportForm
from appstore.imports import uploading
from appstore.models import ImportItem, ImportUpload
from credentials.api.uploads import require_valid
from credentials.uploads import ArchiveUploadHandler
from organizations.api import BODY, LIST, ONE, Out, answers, needs, token_with
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.paging import Page, Paging, page_of
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

router = Router(tags=["Imports"])
LONGEST = 1000


class ProgressOut(Schema):
    seen: int = Field(examples=[12])
    total: int = Field(examples=[40])


class FileProblemOut(Schema):
    path: str = Field(examples=["certs/distribution/ABCDE12345.cer"])
    said: str = Field(examples=["A certificate without its private key: nothing can be signed with it."])


class ImportOut(Schema):
    id: uuid.UUID = Field(examples=["7c1d2e3f-4a5b-4c6d-8e7f-901a2b3c4d5e"])
    name: str = Field(examples=["match.zip"])
    state: str = Field(
        description="READING and STORING: a worker does it. READ: it waits to be applied. DONE, DISCARDED and EXPIRED "
        "are the end.",
        examples=["READ"],
    )
    failed: bool = Field(description="The worker could not; `error_message` says why.", examples=[False])
    wants_passphrase: bool = Field(description="`POST …/read-again` with another one.", examples=[False])
    error_code: str = Field(examples=[""])
    error_message: str = Field(examples=[""])
    progress: ProgressOut | None = Field(description="In files, or in what is stored.")
    created_at: datetime = Field(examples=["2026-11-20T06:12:44Z"])
    expires_at: datetime = Field(
        description="What is not stored by then is deleted.", examples=["2026-11-21T06:12:44Z"]
    )
    ended_at: datetime | None = Field(examples=[None])


class WholeImportOut(ImportOut):
    counts: dict[str, int] = Field(description="Items by state.", examples=[{"NEW": 3, "DUPLICATE": 1}])
    problems: list[FileProblemOut] = Field(description="Files of which nothing is taken, and why.")


class ImportItemOut(Out):
    id: uuid.UUID = Field(examples=["1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9"])
    number: int = Field(description="Its place in the upload.", examples=[1])
    kind: str = Field(
        description="Of the credential; empty: a .p8, which does not tell.", examples=["apple-certificate"]
    )
    name: str = Field(examples=["Apple Distribution: Acme GmbH (8Q5F6R2K9D)"])
    summary: str = Field(examples=["Distribution, Acme GmbH"])
    paths: list[str] = Field(examples=[["certs/distribution/ABCDE12345.p12"]])
    notes: list[str] = Field(examples=[["At Apple."]])
    state: str = Field(
        description="NEW; KEY: say what it is for; DUPLICATE: here already; then STORED, LEFT or FAILED.",
        examples=["NEW"],
    )
    outcome: str = Field(description="Why it was not stored.", examples=[""])
    expires_at: datetime | None = Field(examples=["2027-11-01T09:00:00Z"])
    credential_id: uuid.UUID | None = Field(
        description="What it became, or was before.", examples=["2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"]
    )


class PasswordsIn(Schema):
    passphrase: str = Field(
        "",
        max_length=LONGEST,
        description="Of a match repository: MATCH_PASSWORD.",
        examples=["the passphrase"],
    )
    password: str = Field(
        "",
        max_length=LONGEST,
        description="Of .p12 files and keystores, one for all.",
        examples=["the password"],
    )


def token_for_imports(request: AppRequest) -> None:
    """Nobody knows what is in an upload before it is read. Raises PermissionDenied."""
    token_with(request, Permission.CREDENTIAL_MANAGE)
    if request.actor.kinds(Permission.CREDENTIAL_MANAGE) is not None:
        raise PermissionDenied("An import takes credentials of every kind, and this token is for some alone.")


def import_of(request: AppRequest, pk: uuid.UUID) -> ImportUpload:
    token_for_imports(request)
    upload: ImportUpload = get_object_or_404(_imports(request), pk=pk)
    return upload


def items_of(request: AppRequest, upload: ImportUpload) -> Any:
    rows = ImportItem.objects.for_actor(request.actor, Permission.CREDENTIAL_MANAGE)
    return rows.filter(upload=upload).defer("content")


def import_shown(upload: ImportUpload) -> dict[str, Any]:
    names = ("id", "name", "state", "wants_passphrase", "created_at", "expires_at", "ended_at")
    run, failed = upload.run, upload.has_failed
    return {name: getattr(upload, name) for name in names} | {
        "failed": failed,
        "error_code": run.error_code if run and failed else "",
        "error_message": run.error_message if run and failed else "",
        "progress": run.counts.get("files") if run and run.counts and upload.is_open else None,
    }


def whole_import(request: AppRequest, pk: uuid.UUID) -> dict[str, Any]:
    """As it is now."""
    upload = import_of(request, pk)
    states = items_of(request, upload).order_by().values_list("state").annotate(Count("pk"))
    problems = [{"path": path, "said": said} for path, said in upload.problems]
    return import_shown(upload) | {"counts": dict(states), "problems": problems}


def _imports(request: AppRequest) -> Any:
    rows = ImportUpload.objects.for_actor(request.actor, Permission.CREDENTIAL_MANAGE).without_content()
    return rows.select_related("run", "organization__parent")


def _archives(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The body may be as large as archives are. Nothing is read here: who asks is not known yet."""

    @wraps(run)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.upload_handlers = [ArchiveUploadHandler(request)]
        return run(request, *args, **kwargs)

    return read


@router.get("", response=answers({200: Page[ImportOut]}, *LIST), operation_id="list_imports")
@etag
@needs(Permission.CREDENTIAL_MANAGE)
def list_imports(request: AppRequest, filters: Query[Paging]) -> Any:
    """Those that go on, and those that have ended; the newest first."""
    token_for_imports(request)
    return page_of(_imports(request), filters, import_shown, newest_first=True)


@router.post("", response=answers({201: WholeImportOut}, *BODY), operation_id="create_import")
@decorate_view(_archives)
@needs(Permission.CREDENTIAL_MANAGE)
@once
@sensitive_variables()
def create_import(request: AppRequest, asked: Form[PasswordsIn], file: File[list[UploadedFile]]) -> Any:
    """A folder as a zip, a match repository without its .git, a credentials.json with its files, or single files. They
    are sealed, and read by a worker; nothing is stored before it is applied."""
    token_for_imports(request)
    form = ImportForm(asked.model_dump(), MultiValueDict({"file": file}))
    require_valid(form)
    name, archive = uploading.archive_of(form.chosen)
    passwords = {each: form.cleaned_data[each] for each in ("passphrase", "password")}
    organization = token_with(request, Permission.CREDENTIAL_MANAGE).organization
    try:
        upload = uploading.begin(request.actor, organization, name, archive, **passwords)
    except uploading.TooManyImportsError as error:
        raise ProblemError(409, "too-many-imports", str(error)) from None
    return Status(201, whole_import(request, upload.pk))


@router.get("/{uuid:pk}", response=answers({200: WholeImportOut}, *ONE), operation_id="get_import")
@etag
@needs(Permission.CREDENTIAL_MANAGE)
def get_import(request: AppRequest, pk: uuid.UUID) -> Any:
    """How far it is, how much was found, and what became of it."""
    return whole_import(request, pk)


@router.get(
    "/{uuid:pk}/items",
    response=answers({200: Page[ImportItemOut]}, *LIST, *ONE),
    operation_id="list_items_of_import",
)
@etag
@needs(Permission.CREDENTIAL_MANAGE)
def list_items_of_import(request: AppRequest, pk: uuid.UUID, filters: Query[Paging]) -> Any:
    """What was found, and after it was applied what became of each. Names alone: nothing is opened."""
    return page_of(items_of(request, import_of(request, pk)), filters, lambda row: row)
