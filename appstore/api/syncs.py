"""Syncs, and whatever else is done at Apple: a run each."""

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import Field

from appstore.api.mirrors import TeamOut
from appstore.models import AppStoreConnectKey, DeveloperTeam, SyncRun
from appstore.views.syncs import report_of
from credentials.api.uploads import invalid
from organizations.api import BODY, LIST, ONE, Word, answers, needs
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.paging import Page, Paging, narrowed, page_of
from organizations.permissions import Permission
from organizations.requests import AppRequest

router = Router(tags=["Syncs"])


class StepOut(Schema):
    state: str = Field(description="done, refused, now, todo or not done.", examples=["done"])
    said: str = Field(examples=["Registered the device “Ada's iPhone”."])


class SyncOut(Schema):
    id: uuid.UUID = Field(examples=["e7d6c5b4-a392-4817-b60f-5e4d3c2b1a0f"])
    kind: str = Field(description="CHECK, SYNC, FETCH or CHANGE.", examples=["SYNC"])
    title: str = Field(examples=["Sync of Acme GmbH (8Q5F6R2K9D)"])
    state: str = Field(
        description="QUEUED, RUNNING and WAITING go on; SUCCEEDED, FAILED, DEAD and CANCELLED are the end.",
        examples=["SUCCEEDED"],
    )
    trigger: str = Field(examples=["MANUAL"])
    team: TeamOut | None
    counts: dict[str, Any] = Field(
        description="What a sync found, by list.", examples=[{"certificates": {"seen": 4}}]
    )
    report: list[StepOut] = Field(description="Of a change at Apple: its steps.", examples=[[]])
    error_code: str = Field(examples=[""])
    error_message: str = Field(examples=[""])
    requests: int = Field(description="To Apple.", examples=[6])
    created_at: datetime = Field(examples=["2026-11-20T06:12:44Z"])
    started_at: datetime | None = Field(examples=["2026-11-20T06:12:45Z"])
    finished_at: datetime | None = Field(examples=["2026-11-20T06:13:02Z"])


class SyncFilters(Paging):
    state: Word = Field("", description="Such as FAILED.")
    kind: Word = Field("", description="Such as SYNC.")
    team: uuid.UUID | None = Field(None, description="`id` of a team.")


class SyncIn(Schema):
    app_store_connect_key: uuid.UUID | None = Field(
        None,
        description="The key of the team; needed where there are several teams.",
        examples=["2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"],
    )


def sync_shown(run: SyncRun) -> dict[str, Any]:
    names = SyncOut.model_fields.keys() - {"title", "report"}
    report = [{"state": state, "said": said} for state, said in report_of(run)]
    return {name: getattr(run, name) for name in names} | {"title": str(run), "report": report}


def _runs(request: AppRequest, permission: Permission) -> Any:
    runs = SyncRun.objects.for_actor(request.actor, permission)
    return runs.select_related("team", "key__credential").defer("key__credential__secret")


@router.get("", response=answers({200: Page[SyncOut]}, *LIST), operation_id="list_syncs")
@etag
@needs(Permission.ASSET_VIEW)
def list_syncs(request: AppRequest, filters: Query[SyncFilters]) -> Any:
    """What was asked of Apple, the newest first."""
    rows = narrowed(_runs(request, Permission.ASSET_VIEW), filters, "state", "kind", "team")
    return page_of(rows, filters, sync_shown, newest_first=True)


@router.get("/{uuid:pk}", response=answers({200: SyncOut}, *ONE), operation_id="get_sync")
@etag
@needs(Permission.ASSET_VIEW)
def get_sync(request: AppRequest, pk: uuid.UUID) -> Any:
    """How far one is, and what it has done."""
    return sync_shown(get_object_or_404(_runs(request, Permission.ASSET_VIEW), pk=pk))


@router.post("", response=answers({202: SyncOut}, *ONE, *BODY), operation_id="request_sync")
@needs(Permission.SYNC_RUN)
@once
def request_sync(request: AppRequest, asked: SyncIn) -> Any:
    """Ask for a sync of a team; for an Individual key, which Apple lets sync nothing, for a check of it. One that is
    waiting already is joined."""
    keys = AppStoreConnectKey.objects.for_actor(request.actor, Permission.SYNC_RUN).live()
    keys = keys.select_related("credential__organization", "team__organization").defer("credential__secret")
    if asked.app_store_connect_key is not None:
        key = keys.filter(credential=asked.app_store_connect_key).first()
        if key is None:
            raise Http404
        if not key.can_sync or key.team is None:
            return Status(202, sync_shown(SyncRun.request_check(request.actor, key, SyncRun.Trigger.MANUAL)))
        return Status(
            202, sync_shown(SyncRun.request_sync(request.actor, key.team, SyncRun.Trigger.MANUAL, key))
        )
    behind = [key.team_id for key in keys.usable() if key.team_id]
    teams = DeveloperTeam.objects.for_actor(request.actor, Permission.SYNC_RUN).filter(pk__in=behind)
    found = list(teams.select_related("organization"))
    if len(found) != 1:
        said = (
            "There are several teams. Say which key." if found else "There is no key that can sync. Add one."
        )
        raise invalid([("app_store_connect_key", said)])
    return Status(202, sync_shown(SyncRun.request_sync(request.actor, found[0], SyncRun.Trigger.MANUAL)))
