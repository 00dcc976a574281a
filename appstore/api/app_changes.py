"""What an app's page changes of it: its name and policy, whether it is frozen, and its end."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from ninja import Schema
from pydantic import Field

from appstore.api.apps import AppOut, app_of, app_shown, router
from appstore.api.signing_assets import Identifier
from appstore.app_forms import ChangeAppForm, FreezeForm
from appstore.models import Policy
from credentials.api.uploads import invalid, require_valid
from organizations.api import BODY, ONE, answers, needs
from organizations.api.once import once
from organizations.permissions import Permission
from organizations.requests import AppRequest


class AppChangeIn(Schema):
    """What is left out stays."""

    name: str | None = Field(None, max_length=100, examples=["Acme"])
    policy: str | None = Field(
        None, max_length=12, description="off, suggest, profiles or certificates.", examples=["profiles"]
    )
    extensions: list[Identifier] | None = Field(
        None, description="These and no others, by bundle ID.", examples=[["com.example.app.widget"]]
    )


class FreezeIn(Schema):
    because: str = Field(
        max_length=200,
        description="Whoever is stopped by it reads this.",
        examples=["4.2 is in review until Friday."],
    )


@router.patch("/{uuid:pk}", response=answers({200: AppOut}, *ONE, *BODY), operation_id="change_app")
@needs(Permission.ASSET_MANAGE)
@once
def change_app(request: AppRequest, pk: uuid.UUID, asked: AppChangeIn) -> Any:
    """Another name, another policy (what CredHub may do at Apple for it), or other extensions: all, or nothing."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    form = ChangeAppForm({"name": app.name, "policy": app.policy} | asked.model_dump(exclude_none=True))
    require_valid(form)
    with transaction.atomic():
        app.change(request.actor, name=form.cleaned_data["name"], policy=Policy(form.cleaned_data["policy"]))
        if asked.extensions is not None:
            try:
                app.set_extensions(request.actor, asked.extensions)
            except ValidationError as error:
                raise invalid([("extensions", error.messages[0])]) from None
    return app_shown(app)


@router.post("/{uuid:pk}/freeze", response=answers({200: AppOut}, *ONE, *BODY), operation_id="freeze_app")
@needs(Permission.ASSET_MANAGE)
@once
def freeze_app(request: AppRequest, pk: uuid.UUID, asked: FreezeIn) -> Any:
    """Nothing that it signs with is changed at Apple from here until it is unfrozen. Builds get what there is."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    form = FreezeForm(asked.model_dump())
    require_valid(form)
    app.freeze(request.actor, form.cleaned_data["because"])
    return app_shown(app)


@router.post(
    "/{uuid:pk}/unfreeze", response=answers({200: AppOut}, *ONE, 409, 422), operation_id="unfreeze_app"
)
@needs(Permission.ASSET_MANAGE)
@once
def unfreeze_app(request: AppRequest, pk: uuid.UUID) -> Any:
    """From now on its policy counts again."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    if app.is_frozen:
        app.unfreeze(request.actor)
    return app_shown(app)


@router.delete("/{uuid:pk}", response=answers({200: AppOut}, *ONE, 409, 422), operation_id="delete_app")
@needs(Permission.ASSET_MANAGE)
@once
def delete_app(request: AppRequest, pk: uuid.UUID) -> Any:
    """The app and what was chosen for it go; what it signed with stays. Answered with what it was."""
    app = app_of(request, Permission.ASSET_MANAGE, pk)
    was = app_shown(app)
    app.remove(request.actor)
    return was
