"""Reading credentials: the list, one of them, its public file, and its secret where the token may have it."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from ninja import Query, Schema
from pydantic import Field

from credentials.api import router
from credentials.api.shown import CredentialOut, reached, shown
from credentials.kinds import KINDS, export_of, forms_of
from credentials.models import Credential
from organizations import audit
from organizations.api import BODY, LIST, ONE, Purpose, Word, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.paging import Page, Paging, narrowed, page_of
from organizations.downloads import attachment
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest


class RevealIn(Schema):
    purpose: Purpose
    form: str = Field(
        "p8",
        max_length=40,
        description="As `GET /credential-kinds` tells for its kind: p8, fastlane, environment, json…",
        examples=["p8"],
    )


class CredentialFilters(Paging):
    kind: Word = Field("", description="As `GET /credential-kinds` tells.")
    status: Word = Field("", description="Such as WORKS or REFUSED.")
    identifier: Word = ""
    q: Word = Field("", description="Part of the name or of the identifier.")
    expires_within_days: int | None = Field(None, ge=0, le=3650, description="Expired ones are among them.")
    archived: bool = Field(False, description="Only those that are archived.")


@router.get("", response=answers({200: Page[CredentialOut]}, *LIST), operation_id="list_credentials")
@etag
@needs(Permission.CREDENTIAL_VIEW)
def list_credentials(request: AppRequest, filters: Query[CredentialFilters]) -> Any:
    """What the token's organization owns or its root shares with it."""
    token = token_of(request)
    rows = Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW).without_secret()
    rows = rows.filter(archived_at__isnull=not filters.archived)
    rows = narrowed(rows, filters, "kind", "status", "identifier")
    if filters.q:
        rows = rows.named_like(filters.q)
    if filters.expires_within_days is not None:
        rows = rows.filter(expires_at__lte=timezone.now() + timedelta(days=filters.expires_within_days))
    return page_of(rows, filters, lambda row: shown(token, row))


@router.get("/{uuid:pk}", response=answers({200: CredentialOut}, *ONE), operation_id="get_credential")
@etag
@needs(Permission.CREDENTIAL_VIEW)
def get_credential(request: AppRequest, pk: uuid.UUID) -> Any:
    """One of them, as the list shows it."""
    rows = Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW, Q(pk=pk)).without_secret()
    return shown(token_of(request), get_object_or_404(rows.select_related("organization")))


@router.get("/{uuid:pk}/file", response=answers({200: bytes}, *ONE, 409), operation_id="download_credential")
@needs(Permission.ASSET_DOWNLOAD)
def download_credential(request: AppRequest, pk: uuid.UUID) -> Any:
    """What is public of it, as a file: a certificate, a request, a profile. On record before it leaves. 404 for kinds
    that are all secret."""
    credential = reached(request, Permission.ASSET_DOWNLOAD, pk, live=True)
    kind = KINDS.get(credential.kind)
    if kind is None or kind.download is None:
        raise Http404
    here = token_of(request).organization
    audit.record(
        request.actor, audit.Action.ASSET_DOWNLOADED, credential, organization=here, kind=credential.kind
    )
    made = kind.download.make(credential)
    return attachment(made.content, name=made.name, content_type=made.content_type)


@router.post(
    "/{uuid:pk}/reveal", response=answers({200: bytes}, *ONE, *BODY), operation_id="reveal_credential"
)
@sensitive_variables()
@needs(Permission.CREDENTIAL_REVEAL)
def reveal_credential(request: AppRequest, pk: uuid.UUID, asked: RevealIn) -> Any:
    """The secret, as the file of the chosen form. On record before it leaves; only where the credential is owned."""
    credential = reached(request, Permission.CREDENTIAL_REVEAL, pk)
    export = export_of(credential, asked.form)
    if export is None:
        known = ", ".join(form for form in forms_of(credential) if export_of(credential, form))
        said = f"There is no form “{asked.form}” of it. There are: {known}."
        raise ProblemError(422, "not-valid", said, [("form", said)])
    secret = credential.reveal(request.actor, asked.purpose, what=asked.form)
    made = export.make(credential, secret)
    return attachment(made.content, name=made.name, content_type=made.content_type)
