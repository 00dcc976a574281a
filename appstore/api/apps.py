"""Apps: what each signs with and why; new ones; and seeing to it that one can be signed."""

import uuid
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import Field

from appstore.api.mirrors import TeamOut
from appstore.api.signing_assets import Distribution
from appstore.api.syncs import SyncOut, sync_shown
from appstore.app_forms import AddAppForm
from appstore.changes.refusals import RefusedError
from appstore.models import App
from appstore.signing.ensure import ensure_signing, plan_for
from appstore.signing.overview import overview_of
from appstore.signing.resolved import Resolved
from appstore.signing.slots import distributions_of
from credentials.api.uploads import invalid, require_valid
from organizations.actors import SYSTEM
from organizations.api import BODY, LIST, ONE, Word, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.paging import Page, Paging, page_of
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

router = Router(tags=["Apps"])


class AppOut(Schema):
    id: uuid.UUID = Field(examples=["8b1d7c52-0f3e-4a6b-9c8d-7e6f5a4b3c2d"])
    platform: str = Field(description="IOS, MAC_OS, TV_OS or ANDROID.", examples=["IOS"])
    identifier: str = Field(description="Bundle ID, or application ID.", examples=["com.example.app"])
    name: str = Field(examples=["Acme"])
    extensions: list[str] = Field(
        description="Bundle IDs of what is built into it.", examples=[["com.example.app.widget"]]
    )
    policy: str = Field(description="off, suggest, profiles or certificates.", examples=["profiles"])
    frozen_at: datetime | None = Field(examples=[None])
    frozen_because: str = Field(examples=[""])
    created_at: datetime = Field(examples=["2026-11-01T09:00:00Z"])


class SlotOut(Schema):
    slot: str = Field(
        description="An extension's profile ends in its bundle ID.", examples=["certificate:app-store"]
    )
    state: str = Field(description="assigned, suggested, missing or broken.", examples=["suggested"])
    what: str = Field(description="The name of what is in it.", examples=["Apple Distribution: Acme GmbH"])
    why: str = Field(examples=["It is in the profile, its private key is here, and it ends last."])


class WholeAppOut(AppOut):
    team: TeamOut | None = Field(description="The Apple account, where one has its bundle ID.")
    slots: list[SlotOut]


class AppFilters(Paging):
    platform: Word = Field("", description="Such as IOS.")
    identifier: Word = Field("", description="Bundle ID, or application ID.")


class AppIn(Schema):
    platform: str = Field(max_length=8, description="IOS, MAC_OS, TV_OS or ANDROID.", examples=["IOS"])
    identifier: str = Field(max_length=155, examples=["com.example.app"])
    name: str = Field("", max_length=100, description="Empty: the identifier.", examples=["Acme"])
    policy: str = Field(
        "suggest", max_length=12, description="What CredHub may do at Apple for it.", examples=["suggest"]
    )


class EnsureIn(Schema):
    distribution: Distribution = Field(examples=["ad-hoc"])
    dry_run: bool = Field(False, description="Only say what would be done.", examples=[True])


class EnsureOut(Schema):
    plan: list[str] = Field(
        examples=[["Made: Profile of the type iOS Ad Hoc. There is none for com.example.app."]]
    )
    steps: int = Field(description="At Apple, by what the last sync saw.", examples=[1])
    sync: SyncOut | None = Field(description="Null: nothing was ordered.")


def app_shown(app: App) -> dict[str, Any]:
    return {name: getattr(app, name) for name in AppOut.model_fields}


def app_of(request: AppRequest, permission: Permission, pk: uuid.UUID) -> App:
    app = get_object_or_404(App.objects.for_actor(request.actor, permission), pk=pk)
    app.organization = token_of(request).organization  # which knows its root, and what that shares with it
    return app


def slot_shown(part: Resolved) -> dict[str, str]:
    return {"slot": part.slot.name, "state": part.state.name.lower(), "what": part.name, "why": part.why}


@router.get("", response=answers({200: Page[AppOut]}, *LIST), operation_id="list_apps")
@etag
@needs(Permission.ASSET_VIEW)
def list_apps(request: AppRequest, filters: Query[AppFilters]) -> Any:
    """The apps of the organization, without what they sign with."""
    rows = App.objects.for_actor(request.actor, Permission.ASSET_VIEW)
    for name in ("platform", "identifier"):
        if value := getattr(filters, name):
            rows = rows.filter(**{name: value})
    return page_of(rows, filters, app_shown)


@router.get("/{uuid:pk}", response=answers({200: WholeAppOut}, *ONE), operation_id="get_app")
@etag
@needs(Permission.ASSET_VIEW)
def get_app(request: AppRequest, pk: uuid.UUID) -> Any:
    """One of them, with what goes in each of its slots, and why. Names alone: nothing is opened."""
    app = app_of(request, Permission.ASSET_VIEW, pk)
    found = overview_of(
        SYSTEM, app
    )  # of its organization; a scope for certificates alone shall not call keys missing
    parts = [part for each in found.distributions for part in each.slots]
    parts += [part for _slot, several in found.keys for part in several]
    return app_shown(app) | {"team": found.team, "slots": [slot_shown(part) for part in parts]}


@router.post("", response=answers({201: AppOut}, *BODY), operation_id="create_app")
@needs(Permission.ASSET_MANAGE)
@once
def create_app(request: AppRequest, asked: AppIn) -> Any:
    """Add an app. Nothing is done at Apple for it."""
    form = AddAppForm(asked.model_dump(), organization=token_of(request).organization)
    require_valid(form)
    form.app.add(request.actor)
    return Status(201, app_shown(form.app))


@router.post(
    "/{uuid:pk}/ensure",
    response=answers({200: EnsureOut, 202: EnsureOut}, *ONE, *BODY),
    operation_id="ensure_app",
)
@needs(Permission.ASSET_MANAGE)
@once
def ensure_app(request: AppRequest, pk: uuid.UUID, asked: EnsureIn) -> Any:
    """See to it that the app can be signed, as far as its policy goes. 200 where nothing was ordered."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    if asked.distribution not in distributions_of(app.platform):
        said = f"There is no distribution “{asked.distribution}” for {app.get_platform_display()}."
        raise invalid([("distribution", said)])
    try:
        plan = plan_for(SYSTEM, app, asked.distribution)
        ordered = not asked.dry_run and not plan.is_done
        run = ensure_signing(request.actor, app, asked.distribution) if ordered else None
    except RefusedError as error:
        raise ProblemError(409, error.code, str(error)) from None
    told = {"plan": plan.sentences, "steps": len(plan.steps), "sync": sync_shown(run) if run else None}
    return Status(202 if run else 200, told)
