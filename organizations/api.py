"""What every operation of the API stands on: who asks, and how lists are cut into pages."""

import base64
import binascii
import uuid
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer
from pydantic import Field

from organizations import rates, token_guesses
from organizations.actors import Actor
from organizations.middleware import client_address
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.requests import AppRequest

Item = TypeVar("Item")
MOST = 200


class TokenAuth(HttpBearer):
    """`Authorization: Bearer chub_…`. A session is no way in: nothing of the API can be forged across sites."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        address = client_address(request)
        found = ApiToken.of_text(token, address)
        request_id = getattr(request, "request_id", "")
        if found is None:
            token_guesses.wrong(token, Actor(address=address, request_id=request_id))
            return None
        asked = cast(AppRequest, request)
        asked.rate = rates.spend(f"requests:{found.counted_as}", settings.TOKEN_REQUESTS_PER_MINUTE)
        asked.actor = Actor(token=found, address=address, request_id=request_id)
        found.note_use(asked.actor)
        return asked.actor


class Problem(Schema):
    """RFC 9457, as `organizations/problems.py` makes it."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str
    status: int
    code: str = Field(description="Stable: for programs.")
    detail: str = Field(description="For people: what happened and what to do.")
    request_id: str


PROBLEMS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 503), Problem)


def token_with(request: AppRequest, permission: Permission) -> ApiToken:
    """The request's token, which has this scope. Raises PermissionDenied."""
    token = request.actor.token
    if token is None:
        raise PermissionDenied("This needs an API token.")
    request.actor.require(permission, token.organization)
    return token


class Page(Schema, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = Field(
        None, description="For `cursor` of the next request; null on the last page."
    )


class Paging(Schema):
    limit: int = Field(50, ge=1, le=MOST)
    cursor: str = Field("", max_length=200, description="`next_cursor` of the page before.")


def page_of(rows: QuerySet[Any], paging: Paging, show: Callable[[Any], Any]) -> dict[str, Any]:
    """By id, which never changes: a page neither repeats nor skips what was there from beginning to end."""
    ordered = rows.order_by("pk")
    if paging.cursor:
        ordered = ordered.filter(pk__gt=_from_cursor(paging.cursor))
    found = list(ordered[: paging.limit + 1])
    more = len(found) > paging.limit
    kept = found[: paging.limit]
    return {"items": [show(row) for row in kept], "next_cursor": _to_cursor(kept[-1].pk) if more else None}


def _to_cursor(pk: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(pk.bytes).decode().rstrip("=")


def _from_cursor(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise HttpError(400, "This cursor is not one of ours. Begin without one.") from None
