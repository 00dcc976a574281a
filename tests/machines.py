"""CI jobs, as the API meets them."""

import json
from typing import Any

from django.test import Client

from organizations.actors import Actor
from organizations.models import ApiToken, Organization
from organizations.permissions import TOKEN_SCOPES, Permission
from tests.conftest import Cast

API = "/api/v1"


def machine(cast: Cast, organization: Organization, *scopes: Permission) -> Client:
    """With a token that the root's owner made; with every scope where none is named."""
    actor = Actor(user=cast.root_owner)
    _token, text = ApiToken.issue(actor, organization, name="CI", scopes=list(scopes or TOKEN_SCOPES))
    return Client(headers={"authorization": f"Bearer {text}"})


def send(client: Client, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    """`headers` as keywords: `idempotency_key` is Idempotency-Key."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = b"" if body is None else json.dumps(body)
    return client.generic(method, API + path, data, "application/json", headers=named)
