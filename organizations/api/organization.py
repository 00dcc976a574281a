"""The token's organization: itself, its people, its tokens, and what happened in it."""

import uuid
from datetime import datetime
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from organizations.api import LIST, Out, Word, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.paging import Page, Paging, page_of
from organizations.models import ApiToken, AuditEvent, Membership, Organization
from organizations.permissions import Permission
from organizations.requests import AppRequest

router = Router(tags=["Organization"])


class Place(Out):
    slug: str = Field(examples=["acme"])
    name: str = Field(examples=["Acme"])


class SubOrganizationOut(Place):
    id: uuid.UUID = Field(examples=["5d7a3b1e-46a4-4d8f-8f6a-6c1b6f1c0b11"])
    archived_at: datetime | None = Field(examples=[None])


class OrganizationOut(Place):
    id: uuid.UUID = Field(examples=["f3c9a7c2-0c36-4f0a-9d2e-3b6a0a3e7a01"])
    root: Place | None = Field(description="Null: it is a root itself.", examples=[None])
    sub_organizations: list[SubOrganizationOut] = Field(description="Of a root, by name.")
    created_at: datetime = Field(examples=["2026-11-01T09:00:00Z"])


class MemberOut(Schema):
    id: uuid.UUID = Field(description="Of the membership.", examples=["b1f9a9a0-53b5-4a2e-9c37-0d6f6a3c4e02"])
    email: str = Field(examples=["ada@example.com"])
    name: str = Field(examples=["Ada Lovelace"])
    role: str = Field(description="OWNER, ADMIN, DEVELOPER or VIEWER.", examples=["DEVELOPER"])
    organization: Place = Field(
        description="Where the role is held: here, or at the root, from where it flows down."
    )


class ApiTokenOut(Schema):
    id: uuid.UUID = Field(examples=["0d6f6a3c-9c37-4a2e-53b5-b1f9a9a04e03"])
    name: str = Field(examples=["Release job"])
    last_four: str = Field(examples=["x7Qa"])
    scopes: list[str] = Field(examples=[["credential:view", "asset:download"]])
    networks: list[str] = Field(examples=[["192.0.2.0/24"]])
    created_by: str = Field(description="Empty: somebody who left.", examples=["ada@example.com"])
    created_at: datetime = Field(examples=["2026-11-01T09:00:00Z"])
    expires_at: datetime = Field(examples=["2027-01-30T09:00:00Z"])
    revoked_at: datetime | None = Field(examples=[None])
    last_used_at: datetime | None = Field(examples=["2026-11-20T06:12:44Z"])
    last_used_from: str = Field(examples=["192.0.2.17"])


class EventOut(Schema):
    id: uuid.UUID = Field(examples=["9c37b1f9-53b5-4a2e-a9a0-0d6f6a3c4e04"])
    created_at: datetime = Field(examples=["2026-11-20T06:12:44Z"])
    actor: str = Field(examples=["API token “Release job” …x7Qa"])
    action: str = Field(examples=["credential:revealed"])
    subject_type: str = Field(examples=["credential"])
    subject_id: str = Field(examples=["2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"])
    subject: str = Field(examples=["Acme App Store"])
    facts: dict[str, Any] = Field(examples=[{"purpose": "release 1.2", "kind": "app-store-connect-api-key"}])
    address: str = Field(examples=["192.0.2.17"])
    request_id: str = Field(examples=["0b1f1f6e-5c0a-4c0e-9d52-1a7c52f0a001"])


class ActivityFilters(Paging):
    action: Word = Field("", description="Such as `credential:revealed`.")
    subject_id: Word = Field("", description="The id of a credential, or of anything else.")


def place_of(organization: Organization) -> dict[str, str]:
    return {"slug": organization.slug, "name": organization.name}


@router.get("/organization", response=answers({200: OrganizationOut}), operation_id="get_organization")
@etag
@needs(Permission.ORGANIZATION_VIEW)
def get_organization(request: AppRequest) -> Any:
    """The organization in which the token acts, and its sub-organizations."""
    here = token_of(request).organization
    return {
        **place_of(here),
        "id": here.pk,
        "root": place_of(here.parent) if here.parent else None,
        "sub_organizations": list(here.sub_organizations.all()),
        "created_at": here.created_at,
    }


@router.get("/members", response=answers({200: Page[MemberOut]}, *LIST), operation_id="list_members")
@etag
@needs(Permission.MEMBER_VIEW)
def list_members(request: AppRequest, filters: Query[Paging]) -> Any:
    """Who is a member here, or at the root, whose roles count here too."""
    return page_of(token_of(request).organization.counting_memberships(), filters, _member)


def _member(row: Membership) -> dict[str, Any]:
    person = {"email": row.user.email, "name": row.user.name}
    return {"id": row.pk, **person, "role": row.role, "organization": place_of(row.organization)}


@router.get("/tokens", response=answers({200: Page[ApiTokenOut]}, *LIST), operation_id="list_tokens")
@etag
@needs(Permission.ACTIVITY_VIEW)
def list_tokens(request: AppRequest, filters: Query[Paging]) -> Any:
    """The API tokens of the organization, those that are over too; the newest first. Never their texts."""
    rows = ApiToken.objects.for_actor(request.actor, Permission.ACTIVITY_VIEW).select_related("created_by")
    return page_of(rows, filters, _token, newest_first=True)


def _token(row: ApiToken) -> dict[str, Any]:
    names = ApiTokenOut.model_fields.keys() - {"created_by", "scopes"}
    maker = row.created_by.email if row.created_by else ""
    told = {name: getattr(row, name) for name in names}
    return told | {"created_by": maker, "scopes": row.scope_words.split()}


@router.get("/activity", response=answers({200: Page[EventOut]}, *LIST), operation_id="list_activity")
@needs(Permission.ACTIVITY_VIEW)
def list_activity(request: AppRequest, filters: Query[ActivityFilters]) -> Any:
    """What happened in the organization, the newest first."""
    rows = AuditEvent.objects.for_actor(request.actor, Permission.ACTIVITY_VIEW)
    if filters.action:
        rows = rows.filter(action=filters.action)
    if filters.subject_id:
        rows = rows.filter(subject_id=filters.subject_id)
    return page_of(rows, filters, _event, newest_first=True)


def _event(row: AuditEvent) -> dict[str, Any]:
    names = EventOut.model_fields.keys() - {"actor", "subject"}
    told = {name: getattr(row, name) for name in names}
    return told | {"actor": row.actor_label, "subject": row.subject_label}
