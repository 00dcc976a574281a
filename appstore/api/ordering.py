"""Changes at Apple: with which key, and the run that carries them out."""

import uuid
from typing import Any

from django.http import Http404
from ninja import Schema, Status
from pydantic import Field

from appstore.api.syncs import sync_shown
from appstore.change_forms import KeyForm
from appstore.changes.ordering import order
from appstore.changes.plans import Step
from appstore.changes.refusals import FrozenError
from appstore.models import DeveloperTeam
from appstore.views.changing.common import keys_for
from credentials.api.uploads import invalid, require_valid
from organizations.api import token_of
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest

KEY = "app_store_connect_key"
# What the fields of the forms are called in requests
NAMES = {"key": KEY}


class OrderIn(Schema):
    app_store_connect_key: uuid.UUID | None = Field(
        None,
        description="Which key does it; without one: the healthiest. Needed where there are keys of several teams.",
        examples=["2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"],
    )


def owned(request: AppRequest, model: Any, pk: uuid.UUID) -> Any:
    """One that is at Apple and that the organization may change. What the root shares is changed there only: 404."""
    rows = model.objects.for_actor(request.actor, Permission.ASSET_MANAGE).filter(gone_at=None, pk=pk)
    found = rows.select_related("team__organization").first()
    if found is None:
        raise Http404
    return found


def form_of(
    request: AppRequest, asked: OrderIn, form: type[KeyForm], data: dict[str, Any], **options: Any
) -> Any:
    """The valid form of the page that does the same; `team` among the options narrows the keys. Raises ProblemError."""
    team: DeveloperTeam | None = options.pop("team", None)
    keys = keys_for(request, token_of(request).organization, team)
    made = form({**data, "key": _key(asked, list(keys))}, keys=keys, **options)
    require_valid(made, NAMES)
    return made


def with_changes(is_now: dict[str, Any], asked: OrderIn) -> dict[str, Any]:
    """What is not named stays."""
    return is_now | {name: value for name in is_now if (value := getattr(asked, name)) is not None}


def _key(asked: OrderIn, keys: list[Any]) -> str:
    if not keys:
        said = (
            "No key of this organization can write for it at Apple. Add one, or check why they are refused."
        )
        raise ProblemError(409, "no-key", said)
    if asked.app_store_connect_key is not None:
        keys = [key for key in keys if key.credential_id == asked.app_store_connect_key]
        if not keys:
            raise invalid([(KEY, "There is no such key here that can write.")])
    elif len({key.team_id for key in keys}) > 1:
        raise invalid([(KEY, "There are keys of several teams. Say which one.")])
    return str(keys[0].pk)


def ordered(
    request: AppRequest, form: KeyForm, title: str, steps: list[Step], *, go_on: bool = False
) -> Status[Any]:
    """202 with the run."""
    if not steps:
        raise ProblemError(409, "nothing-to-change", "It is like that already.")
    try:
        run = order(request.actor, form.team, title, steps, key=form.chosen, go_on=go_on)
    except FrozenError as error:
        raise ProblemError(409, error.code, str(error)) from None
    return Status(202, sync_shown(run))
