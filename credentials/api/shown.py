"""What the API tells of a credential: what is public, never its secret."""

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404
from pydantic import Field

from credentials.models import Credential
from organizations.api import Out, token_of
from organizations.api.organization import Place, place_of
from organizations.models import ApiToken, Organization
from organizations.permissions import Permission
from organizations.requests import AppRequest


class CredentialOut(Out):
    id: uuid.UUID = Field(examples=["2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"])
    name: str = Field(examples=["Acme App Store"])
    kind: str = Field(examples=["app-store-connect-api-key"])
    identifier: str = Field(
        description="Tells two of a kind apart.", examples=["2X9R4HXF34:57246542-96fe-1a63-e053-0824d011072a"]
    )
    facts: dict[str, Any] = Field(
        description="What is public of it, as its kind has it.", examples=[{"key_id": "2X9R4HXF34"}]
    )
    organization: Place = Field(description="Whose it is.")
    root: bool = Field(
        description="The root shares it: it is used here, and changed there only.", examples=[False]
    )
    status: str = Field(examples=["WORKS"])
    status_note: str = Field(examples=[""])
    checked_at: datetime | None = Field(examples=["2026-11-20T06:12:44Z"])
    last_synced_at: datetime | None = Field(examples=["2026-11-20T06:13:02Z"])
    expires_at: datetime | None = Field(examples=[None])
    created_at: datetime = Field(examples=["2026-11-01T09:00:00Z"])
    archived_at: datetime | None = Field(examples=[None])


def shown(token: ApiToken, row: Credential) -> dict[str, Any]:
    names = CredentialOut.model_fields.keys() - {"organization", "root"}
    return {name: getattr(row, name) for name in names} | {
        "organization": place_of(_owner(token, row)),
        "root": row.organization_id != token.organization_id,
    }


def _owner(token: ApiToken, row: Credential) -> Organization:
    """The token's organization or its root, which are known already."""
    near = (token.organization, token.organization.parent)
    return next((each for each in near if each and each.pk == row.organization_id), None) or row.organization


def reached(request: AppRequest, permission: Permission, pk: uuid.UUID, *, live: bool = False) -> Credential:
    """The one on which the token holds the permission. What is shared is nobody's to change: 404, as for none."""
    rows = Credential.objects.for_actor(request.actor, permission, Q(pk=pk))
    if live:
        rows = rows.live()
    found = rows.select_related("organization__parent").first()
    if found is None:
        raise Http404
    return found


def shown_now(request: AppRequest, row: Credential) -> dict[str, Any]:
    """After a change."""
    return shown(token_of(request), row)
