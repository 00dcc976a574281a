"""Who shares a credential of the root: read, and set as a whole."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from ninja import Schema
from pydantic import Field

from credentials.api import router
from credentials.api.shown import reached
from credentials.api.uploads import invalid
from credentials.models import Credential
from credentials.sharing import share, shared_ids, sub_organizations
from organizations.api import BODY, ONE, answers, needs
from organizations.api.etags import etag
from organizations.api.once import once
from organizations.api.organization import Place
from organizations.permissions import Permission
from organizations.problems import ProblemError
from organizations.requests import AppRequest


class SharedPlace(Place):
    id: uuid.UUID = Field(examples=["5d7a3b1e-46a4-4d8f-8f6a-6c1b6f1c0b11"])


class SharesOut(Schema):
    shared_with_all: bool = Field(description="Present and future sub-organizations.", examples=[False])
    sub_organizations: list[SharedPlace] = Field(description="Those that have it.")


class SharesIn(Schema):
    shared_with_all: bool = Field(
        False, description="Present and future sub-organizations.", examples=[False]
    )
    sub_organizations: list[uuid.UUID] = Field(
        default_factory=list,
        max_length=1000,
        description="Those that are to have it, from `GET /organization`. Who is not among them loses it.",
        examples=[["5d7a3b1e-46a4-4d8f-8f6a-6c1b6f1c0b11"]],
    )


@router.get("/{uuid:pk}/shares", response=answers({200: SharesOut}, *ONE), operation_id="get_shares")
@etag
@needs(Permission.CREDENTIAL_SHARE)
def get_shares(request: AppRequest, pk: uuid.UUID) -> Any:
    """Which sub-organizations have it."""
    return _shares(reached(request, Permission.CREDENTIAL_SHARE, pk))


@router.put("/{uuid:pk}/shares", response=answers({200: SharesOut}, *ONE, *BODY), operation_id="set_shares")
@needs(Permission.CREDENTIAL_SHARE)
@once
def set_shares(request: AppRequest, pk: uuid.UUID, asked: SharesIn) -> Any:
    """Make it so. It counts from the next request of anybody."""
    credential = reached(request, Permission.CREDENTIAL_SHARE, pk)
    if credential.is_archived:
        raise ProblemError(409, "archived", "Restore the credential before you share it.")
    choices = {sub.pk: sub for sub in sub_organizations(credential)}
    if any(each not in choices for each in asked.sub_organizations):
        raise invalid(
            [("sub_organizations", "Choose among the live sub-organizations of this organization.")]
        )
    chosen = [choices[each] for each in dict.fromkeys(asked.sub_organizations)]
    try:
        share(request.actor, credential, with_all=asked.shared_with_all, chosen=chosen)
    except ValidationError as error:
        raise ProblemError(409, "not-shareable", error.messages[0]) from None
    return _shares(credential)


def _shares(credential: Credential) -> dict[str, Any]:
    with_all, chosen = credential.shared_with_all, shared_ids(credential)
    subs = [sub for sub in sub_organizations(credential) if with_all or sub.pk in chosen]
    return {"shared_with_all": with_all, "sub_organizations": subs}
