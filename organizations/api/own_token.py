"""`GET /api/v1/token`: what the token that asks is, and what it may do. Never its text."""

import uuid
from datetime import datetime
from typing import Any

from ninja import Router
from pydantic import Field

from organizations.api import Out, answers, needs, token_of
from organizations.api.etags import etag
from organizations.api.organization import Place, place_of
from organizations.permissions import Permission
from organizations.requests import AppRequest

router = Router(tags=["Organization"])


class OwnTokenOut(Out):
    id: uuid.UUID = Field(examples=["0d6f6a3c-9c37-4a2e-53b5-b1f9a9a04e03"])
    name: str = Field(examples=["Release job"])
    last_four: str = Field(examples=["x7Qa"])
    organization: Place = Field(description="In which it acts, and nowhere else.")
    scopes: list[str] = Field(examples=[["credential:view", "credential:reveal:apple-certificate"]])
    without_effect: list[str] = Field(
        description="Of these, what who made the token may not do any more, so that it may not either.",
        examples=[[]],
    )
    kinds: dict[str, list[str]] = Field(
        description="Permissions that are limited to some kinds of credential, and to which.",
        examples=[{"credential:reveal": ["apple-certificate"]}],
    )
    bundle_ids: list[str] = Field(description="None: all.", examples=[["com.acme.app", "com.acme.app.*"]])
    networks: list[str] = Field(description="None: from everywhere.", examples=[["192.0.2.0/24"]])
    trust_policy: uuid.UUID | None = Field(
        description="The trusted CI provider whose job got it, for a quarter of an hour.", examples=[None]
    )
    created_at: datetime = Field(examples=["2026-11-01T09:00:00Z"])
    expires_at: datetime = Field(examples=["2027-01-30T09:00:00Z"])


@router.get("", response=answers({200: OwnTokenOut}), operation_id="get_token")
@etag
@needs(Permission.ORGANIZATION_VIEW)
def get_token(request: AppRequest) -> Any:
    """What this token may do, where, for which apps, and until when."""
    token = token_of(request)
    held = token.scopes
    permissions = {scope.permission for scope in held}
    limited = {str(each): token.kinds_for(each) for each in permissions}
    # For an app where it is limited to some: whether its maker may, is asked here alone.
    app = next(iter(token.bundle_ids), "")
    lost = {each for each in permissions if not request.actor.can(each, token.organization, app=app)}
    plain = ("id", "name", "last_four", "bundle_ids", "networks", "created_at", "expires_at")
    return {name: getattr(token, name) for name in plain} | {
        "organization": place_of(token.organization),
        "scopes": [str(scope) for scope in held],
        "without_effect": [str(scope) for scope in held if scope.permission in lost],
        "kinds": {name: sorted(kinds) for name, kinds in sorted(limited.items()) if kinds is not None},
        "trust_policy": token.policy_id,
    }
