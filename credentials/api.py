"""Credentials over the API: what they are, and their secrets where the token may have them."""

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.debug import sensitive_variables
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from credentials.kinds import export_of, forms_of
from credentials.models import Credential
from organizations.api import PROBLEMS, Page, Paging, actor_of, page_of
from organizations.downloads import attachment
from organizations.permissions import Permission

router = Router(tags=["Credentials"])


class Owner(Schema):
    slug: str
    name: str


class CredentialOut(Schema):
    id: uuid.UUID
    name: str
    kind: str = Field(examples=["app-store-connect-api-key"])
    identifier: str
    organization: Owner
    root: bool = Field(description="The root shares it: it is used here, and changed there only.")
    status: str
    status_note: str
    checked_at: datetime | None
    last_synced_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    archived_at: datetime | None


class RevealIn(Schema):
    purpose: str = Field(min_length=1, max_length=200, description="Why; it stands in the activity log.")
    form: str = Field("p8", max_length=40, description="Such as p8, fastlane or environment.")


class CredentialFilters(Paging):
    kind: str = Field("", max_length=40)
    archived: bool = False


def _shown(request: HttpRequest, row: Credential) -> dict[str, Any]:
    names = CredentialOut.model_fields.keys() - {"organization", "root"}
    token = actor_of(request).token
    here = token.organization_id if token else None
    owner = {"slug": row.organization.slug, "name": row.organization.name}
    return {name: getattr(row, name) for name in names} | {
        "organization": owner,
        "root": row.organization_id != here,
    }


@router.get("", response={200: Page[CredentialOut], **PROBLEMS}, operation_id="list_credentials")
def list_credentials(request: HttpRequest, filters: Query[CredentialFilters]) -> Any:
    """What the token's organization owns or its root shares with it."""
    actor = actor_of(request)
    actor.require(Permission.CREDENTIAL_VIEW, actor.token.organization)  # type: ignore[union-attr]
    rows = Credential.objects.for_actor(actor, Permission.CREDENTIAL_VIEW).select_related("organization")
    rows = rows.filter(archived_at__isnull=not filters.archived)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    return page_of(rows.defer("secret"), filters, lambda row: _shown(request, row))


@router.get("/{uuid:pk}", response={200: CredentialOut, **PROBLEMS}, operation_id="get_credential")
def get_credential(request: HttpRequest, pk: uuid.UUID) -> Any:
    actor = actor_of(request)
    actor.require(Permission.CREDENTIAL_VIEW, actor.token.organization)  # type: ignore[union-attr]
    rows = Credential.objects.for_actor(actor, Permission.CREDENTIAL_VIEW).select_related("organization")
    return _shown(request, get_object_or_404(rows.defer("secret"), pk=pk))


@router.post("/{uuid:pk}/reveal", response={200: None, **PROBLEMS}, operation_id="reveal_credential")
@sensitive_variables()
def reveal_credential(request: HttpRequest, pk: uuid.UUID, asked: RevealIn) -> Any:
    """The secret, as the file of the chosen form. On record before it leaves; only where the credential is owned."""
    actor = actor_of(request)
    actor.require(Permission.CREDENTIAL_REVEAL, actor.token.organization)  # type: ignore[union-attr]
    rows = Credential.objects.for_actor(actor, Permission.CREDENTIAL_REVEAL).select_related(
        "organization__parent"
    )
    credential = get_object_or_404(rows, pk=pk)
    export = export_of(credential, asked.form) if asked.form in forms_of(credential) else None
    if export is None:
        known = ", ".join(form for form in forms_of(credential) if export_of(credential, form))
        raise HttpError(422, f"There is no form “{asked.form}” of it. There are: {known}.")
    secret = credential.reveal(actor, asked.purpose, what=asked.form)
    made = export.make(credential, secret)
    return attachment(made.content, name=made.name, content_type=made.content_type)
