"""What is chosen for the slots of an app: what fits each, a choice, and a choice taken back."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from ninja import Query, Schema
from pydantic import Field

from appstore.api.apps import SlotOut, app_of, router, slot_shown
from appstore.models import App, Assignment
from appstore.signing.assets import assets_of
from appstore.signing.choices import choices_of
from appstore.signing.overview import resolved_of
from appstore.signing.slots import Slot, slots_of
from credentials.api.uploads import invalid
from organizations.actors import SYSTEM
from organizations.api import BODY, LIST, ONE, answers, needs
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.permissions import Permission
from organizations.requests import AppRequest

SlotName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00]*$",
        description="As `GET /apps/{pk}` names it.",
        examples=["submission-key"],
    ),
]


class HeldOut(SlotOut):
    assignment: uuid.UUID | None = Field(
        description="Of what somebody chose; null: a suggestion.",
        examples=["5e0f1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b"],
    )
    is_default: bool = Field(description="Of several keystores: the one that builds use.", examples=[True])


class FittingOut(Schema):
    choice: str = Field(examples=["credential:2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"])
    name: str = Field(examples=["Acme App Store"])
    note: str = Field(examples=["2X9R4HXF34"])
    expires_at: datetime | None = Field(examples=[None])


class SlotChoicesOut(Schema):
    slot: str = Field(examples=["submission-key"])
    title: str = Field(examples=["App Store Connect API key for submissions"])
    now: list[HeldOut]
    choices: list[FittingOut] = Field(description="What fits and the token may see, what ends last first.")


class SlotAsked(Schema):
    slot: SlotName


class ChoiceIn(SlotAsked):
    choice: str = Field(
        max_length=60,
        description="`choice` of one of `GET /apps/{pk}/choices`.",
        examples=["credential:2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"],
    )


class UnassignIn(SlotAsked):
    assignment: uuid.UUID | None = Field(
        None, description="Of several keystores, which; else what is in the slot.", examples=[None]
    )


class DefaultIn(SlotAsked):
    assignment: uuid.UUID = Field(examples=["5e0f1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b"])


def _place(app: App, name: str) -> Slot:
    slots = slots_of(app.platform, app.extensions)
    if name not in slots:
        raise invalid([("slot", f"There is no such slot. It has: {', '.join(slots)}.")])
    return slots[name]


def _shown(request: AppRequest, app: App, place: Slot) -> dict[str, Any]:
    """What is there is told by name alone, as `get_app` does; what may be chosen is what the token sees."""
    now = [
        slot_shown(each)
        | {
            "assignment": each.pin.pk if each.pin else None,
            "is_default": bool(each.pin and each.pin.is_default),
        }
        for each in resolved_of(SYSTEM, assets_of(SYSTEM, app), place)
    ]
    choices = [
        {"choice": each.value, "name": each.name, "note": each.note, "expires_at": each.expires}
        for each in choices_of(assets_of(request.actor, app), place)
    ]
    return {"slot": place.name, "title": place.title, "now": now, "choices": choices}


def _pin(request: AppRequest, app: App, place: Slot, pk: uuid.UUID | None) -> Assignment:
    """One of the slot's. Raises ProblemError."""
    pins = Assignment.objects.for_actor(request.actor, Permission.ASSET_MANAGE).filter(
        app=app, slot=place.name
    )
    found = list(pins.filter(pk=pk) if pk else pins.order_by("-is_default")[:2])
    if not found:
        raise invalid([("assignment" if pk else "slot", "There is no such choice. Nothing was changed.")])
    if len(found) > 1:
        raise invalid([("assignment", "There are several. Say which one.")])
    found[0].app = app  # which knows its organization
    return found[0]


@router.get(
    "/{uuid:pk}/choices",
    response=answers({200: SlotChoicesOut}, *LIST, *ONE),
    operation_id="list_choices_for_app",
)
@etag
@needs(Permission.ASSET_MANAGE)
def list_choices_for_app(request: AppRequest, pk: uuid.UUID, asked: Query[SlotAsked]) -> Any:
    """What is in one slot of the app, and what else fits it. Names alone: nothing is opened."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    return _shown(request, app, _place(app, asked.slot))


@router.post(
    "/{uuid:pk}/assign", response=answers({200: SlotChoicesOut}, *ONE, *BODY), operation_id="assign_to_app"
)
@needs(Permission.ASSET_MANAGE)
@once
def assign_to_app(request: AppRequest, pk: uuid.UUID, asked: ChoiceIn) -> Any:
    """Choose what a slot has, in the place of what it had; a keystore is added beside the others."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    place = _place(app, asked.slot)
    choices = choices_of(assets_of(request.actor, app), place)
    chosen = next((each for each in choices if each.value == asked.choice), None)
    if chosen is None:
        raise invalid([("choice", "It is not here, or does not fit this slot. Ask what does: `choices`.")])
    Assignment.pin(request.actor, app, place.name, credential=chosen.credential, profile=chosen.profile)
    return _shown(request, app, place)


@router.post(
    "/{uuid:pk}/unassign",
    response=answers({200: SlotChoicesOut}, *ONE, *BODY),
    operation_id="unassign_from_app",
)
@needs(Permission.ASSET_MANAGE)
@once
def unassign_from_app(request: AppRequest, pk: uuid.UUID, asked: UnassignIn) -> Any:
    """Take a choice back: what fits best is used in its place."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    place = _place(app, asked.slot)
    _pin(request, app, place, asked.assignment).unpin(request.actor)
    return _shown(request, app, place)


@router.post(
    "/{uuid:pk}/default",
    response=answers({200: SlotChoicesOut}, *ONE, *BODY),
    operation_id="set_default_of_app",
)
@needs(Permission.ASSET_MANAGE)
@once
def set_default_of_app(request: AppRequest, pk: uuid.UUID, asked: DefaultIn) -> Any:
    """Of several keystores, the one that builds use."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    place = _place(app, asked.slot)
    _pin(request, app, place, asked.assignment).make_default(request.actor)
    return _shown(request, app, place)
