"""`POST /api/v1/federation/token`: a CI job's identity token for an API token that ends in a quarter of an hour."""

import uuid
from datetime import datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables
from ninja import Router, Schema
from pydantic import Field

from organizations import rates
from organizations.actors import Actor
from organizations.api import BODY, answers
from organizations.federation.exchange import exchange
from organizations.middleware import client_address
from organizations.requests import AppRequest
from organizations.token_guesses import place_of

router = Router(tags=["CI providers"])
MOST = 120  # a minute, of one address


class IdentityIn(Schema):
    trust_policy: uuid.UUID = Field(description="The policy's ID, from the page “Trusted CI providers”.")
    token: str = Field(
        min_length=1, max_length=16 * 1024, description="The identity token (a JWT) that the provider gave to the job.",
        examples=["eyJhbGciOiJSUzI1NiIsImtpZCI6…"],
    )  # fmt: skip


class TokenOut(Schema):
    token: str = Field(description="For `Authorization: Bearer …`.", examples=["chub_…"])
    expires_at: datetime
    organization: str = Field(
        description="The slug of the organization in which it acts.", examples=["acme-games"]
    )
    scopes: list[str] = Field(examples=[["credential:view", "credential:reveal:apple-certificate"]])
    bundle_ids: list[str] = Field(description="None: all.", examples=[["com.acme.app"]])


@router.post(
    "/token", auth=None, response=answers({200: TokenOut}, *BODY), operation_id="exchange_identity_token",
    summary="An API token for a CI job",
)  # fmt: skip
@sensitive_variables()
def exchange_identity_token(request: AppRequest, asked: IdentityIn) -> Any:
    """For a job of a trusted CI provider, which needs no secret: its identity token is checked against the policy and
    works once. Whatever is wrong with it, the answer is the same 401; the organization's activity log says more."""
    address = client_address(request)
    rates.spend(f"federation:{place_of(address)}", MOST)
    stranger = Actor(address=address, request_id=request.request_id)
    token, text = exchange(stranger, asked.trust_policy, asked.token)
    return {
        "token": text,
        "expires_at": token.expires_at,
        "organization": token.organization.slug,
        "scopes": token.scope_words.split(),
        "bundle_ids": token.bundle_ids,
    }
