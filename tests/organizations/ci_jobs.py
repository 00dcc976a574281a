"""Jobs of a CI provider on loopback: their identity tokens, and a policy that trusts them."""

import json
import time
import uuid
from typing import Any

import jwt
from django.test import Client

from organizations.federation.providers import GITLAB
from organizations.models import TrustPolicy
from organizations.permissions import Permission
from tests.conftest import Cast
from tests.organizations.fake_provider import FakeProvider

AUDIENCE = "https://credhub.example"
EXCHANGE = "/api/v1/federation/token"
PROJECT = {
    "project_id": "42",
    "namespace_id": "7",
    "ref_protected": "true",
    "project_path": "acme/app",
    "ref": "v1.2",
}
ASKED = {"project_id": "42", "namespace_id": "7", "ref_protected": "true", "ref": "v*"}


def identity(provider: FakeProvider, *, kid: str = "one", **spoil: Any) -> str:
    """What the provider gives to a job; a claim that is None is left out."""
    now = int(time.time())
    told = {
        "iss": provider.url, "aud": AUDIENCE, "sub": "project_path:acme/app:ref_type:tag:ref:v1.2", "iat": now,
        "nbf": now, "exp": now + 300, "jti": uuid.uuid4().hex, **PROJECT, **spoil,
    }  # fmt: skip
    key, algorithm = provider.sign_with or (provider.key, "RS256")
    claims = {name: value for name, value in told.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def trust(cast: Cast, provider: FakeProvider, **options: Any) -> TrustPolicy:
    told: dict[str, Any] = {
        "name": "Release", "provider": GITLAB, "issuer": provider.url, "audience": AUDIENCE, "asked": ASKED,
        "scopes": [Permission.CREDENTIAL_VIEW],
    }  # fmt: skip
    return TrustPolicy.add(cast.actor("root_owner"), cast.root, **told | options)


def exchange(policy: TrustPolicy | uuid.UUID, text: str, **headers: str) -> Any:
    policy_id = policy.pk if isinstance(policy, TrustPolicy) else policy
    body = json.dumps({"trust_policy": str(policy_id), "token": text})
    return Client(enforce_csrf_checks=True, headers=headers).post(
        EXCHANGE, body, content_type="application/json"
    )
