"""Credentials over the API: what they are, and their secrets where the token may have them."""

import uuid
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.views.decorators.debug import sensitive_variables
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from credentials.kinds import export_of, forms_of
from credentials.models import Credential
from organizations.api import PROBLEMS, Page, Paging, page_of, token_with
from organizations.downloads import attachment
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.requests import AppRequest

router = Router(tags=["Credentials"])


class Owner(Schema):
    slug: str
    name: str


class CredentialOut(Schema):
    id: uuid.UUID
    name: str
    kind: str = Field(examples=["app-store-connect-api-key"])
    identifier: str
    facts: dict[str, Any] = Field(description="What is public of it, as its kind has it.")
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
    form: str = Field(
        "p8", max_length=40, description="As the kind has them: p8, fastlane, environment, json…"
    )


class CredentialFilters(Paging):
    kind: str = Field("", max_length=40)
    archived: bool = False


def _shown(token: ApiToken, row: Credential) -> dict[str, Any]:
    names = CredentialOut.model_fields.keys() - {"organization", "root"}
    owner = {"slug": row.organization.slug, "name": row.organization.name}
    return {name: getattr(row, name) for name in names} | {
        "organization": owner,
        "root": row.organization_id != token.organization_id,
    }


@router.get("", response={200: Page[CredentialOut], **PROBLEMS}, operation_id="list_credentials")
def list_credentials(request: AppRequest, filters: Query[CredentialFilters]) -> Any:
    """What the token's organization owns or its root shares with it."""
    token = token_with(request, Permission.CREDENTIAL_VIEW)
    rows = Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW).select_related(
        "organization"
    )
    rows = rows.filter(archived_at__isnull=not filters.archived)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    return page_of(rows.defer("secret"), filters, lambda row: _shown(token, row))


@router.get("/{uuid:pk}", response={200: CredentialOut, **PROBLEMS}, operation_id="get_credential")
def get_credential(request: AppRequest, pk: uuid.UUID) -> Any:
    token = token_with(request, Permission.CREDENTIAL_VIEW)
    rows = Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW).select_related(
        "organization"
    )
    return _shown(token, get_object_or_404(rows.defer("secret"), pk=pk))


@router.post("/{uuid:pk}/reveal", response={200: None, **PROBLEMS}, operation_id="reveal_credential")
@sensitive_variables()
def reveal_credential(request: AppRequest, pk: uuid.UUID, asked: RevealIn) -> Any:
    """The secret, as the file of the chosen form. On record before it leaves; only where the credential is owned."""
    token_with(request, Permission.CREDENTIAL_REVEAL)
    rows = Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_REVEAL).select_related(
        "organization__parent"
    )
    credential = get_object_or_404(rows, pk=pk)
    export = export_of(credential, asked.form)
    if export is None:
        known = ", ".join(form for form in forms_of(credential) if export_of(credential, form))
        raise HttpError(422, f"There is no form “{asked.form}” of it. There are: {known}.")
    secret = credential.reveal(request.actor, asked.purpose, what=asked.form)
    made = export.make(credential, secret)
    return attachment(made.content, name=made.name, content_type=made.content_type)
