"""What the lists of Apple's objects have in common."""

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.text import slugify
from ninja import Schema
from pydantic import Field

from appstore.models import DeveloperTeam
from organizations import audit
from organizations.api import Word, token_of
from organizations.api.paging import Paging, narrowed
from organizations.downloads import attachment
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest


class TeamOut(Schema):
    id: uuid.UUID = Field(examples=["a1f0c7d2-6b3e-4f7a-8c21-0f5e9b1d2c06"])
    team_id: str = Field(description="Apple's; empty until a sync has told it.", examples=["8Q5F6R2K9D"])
    name: str = Field(examples=["Acme GmbH"])


class AppleObjectOut(Schema):
    id: uuid.UUID = Field(examples=["c4b5a697-8d7e-4f60-9152-33445566770a"])
    apple_id: str = Field(description="Its id at Apple.", examples=["8QK3F2R5T1"])
    name: str = Field(examples=["Acme"])
    platform: str = Field(examples=["IOS"])
    team: TeamOut
    root: bool = Field(
        description="The root shares it: it is used here, and changed there only.", examples=[False]
    )
    gone_at: datetime | None = Field(
        description="Since when Apple does not list it any more.", examples=[None]
    )


class MirrorFilters(Paging):
    team: uuid.UUID | None = Field(None, description="`id` of a team.")
    apple_id: Word = ""
    q: Word = Field("", description="Part of the name.")
    gone: bool = Field(False, description="Only those that are gone at Apple.")


def reached(request: AppRequest, model: Any, permission: Permission) -> Any:
    """Rows of this model that the token reaches with this permission."""
    return model.objects.for_actor(request.actor, permission).select_related("team")


def mirrored(rows: Any, filters: MirrorFilters, *columns: str) -> Any:
    """Narrowed by what all lists of Apple's objects are narrowed by, and by these columns."""
    rows = narrowed(rows.filter(gone_at__isnull=not filters.gone), filters, "team", "apple_id", *columns)
    return rows.filter(name__icontains=filters.q) if filters.q else rows


def shown(token: ApiToken, row: Any, names: Any) -> dict[str, Any]:
    team: DeveloperTeam = row.team
    told = {name: getattr(row, name) for name in names if name not in {"team", "root"}}
    return told | {"team": team, "root": team.organization_id != token.organization_id}


def one(request: AppRequest, model: Any, permission: Permission, pk: uuid.UUID) -> Any:
    found = reached(request, model, permission).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def file_of(
    request: AppRequest, thing: Any, content: bytes | None, kind: str, extension: str
) -> HttpResponse:
    """As Apple made it. On record before it leaves."""
    if not content:
        raise ProblemError(
            409, "no-file", "Apple gave no file for it. Look at its state at Apple, then sync."
        )
    here = token_of(request).organization
    audit.record(request.actor, audit.Action.ASSET_DOWNLOADED, thing, organization=here, kind=kind)
    types = {"cer": "application/pkix-cert"}
    return attachment(
        bytes(content),
        name=f"{slugify(thing.name) or thing.apple_id}.{extension}",
        content_type=types.get(extension, "application/octet-stream"),
    )
