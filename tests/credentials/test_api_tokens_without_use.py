"""Tokens that get nothing: out of scope, out of time, out of place."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.models import ApiToken, AuditEvent
from organizations.permissions import Permission
from organizations.token_rotation import rotate
from tests import factories
from tests.conftest import Cast
from tests.credentials.test_api_credentials import reveal
from tests.leaks import find_in, forms_of


def _over(token: ApiToken) -> None:
    factories.change(ApiToken.objects.filter(pk=token.pk), expires_at=timezone.now() - timedelta(seconds=1))


ALL = [Permission.CREDENTIAL_VIEW, Permission.CREDENTIAL_REVEAL]
NOTHING: dict[str, tuple[dict[str, Any], Callable[[ApiToken], object], int]] = {
    "out-of-scope": ({"scopes": [Permission.CREDENTIAL_VIEW]}, str, 403),
    "of-another-kind": ({"scopes": ["credential:reveal:apple-certificate"]}, str, 404),
    "of-another-verb-of-its-kind": ({"scopes": ["credential:view:app-store-connect-api-key"]}, str, 403),
    "for-a-bundle-id": ({"bundle_ids": ["com.acme.app"]}, str, 403),
    "from-a-wrong-network": ({"networks": ["198.51.100.0/24"]}, str, 401),
    "expired-by-a-second": ({}, _over, 401),
    "revoked": ({}, lambda token: token.revoke(SYSTEM), 401),
    "rotated": ({}, lambda token: rotate(
        Actor(user=token.created_by), token, overlap=timedelta(), expires_at=timezone.now() + timedelta(days=1)
    ), 401),
    "of-somebody-who-left": ({}, lambda token: token.created_by.memberships.all().delete(), 403),
    "of-an-archived-organization": ({}, lambda token: token.organization.archive(SYSTEM), 401),
}  # fmt: skip


@pytest.mark.parametrize("what", NOTHING)
def test_what_gets_nothing(cast: Cast, what: str) -> None:
    """The same request with a token as it should be gets the key (test_api_credentials.py)."""
    p8 = factories.make_p8()
    options, spoil, status = NOTHING[what]
    owned = factories.make_key(cast.sub_a, p8=p8).credential
    token, text = ApiToken.issue(cast.actor("root_owner"), cast.sub_a, name="CI", **{"scopes": ALL} | options)
    spoil(token)
    client = Client(headers={"authorization": f"Bearer {text}"})
    answer = reveal(client, owned.pk)
    assert (answer.status_code, find_in(answer.content, forms_of(p8))) == (status, [])
    assert not AuditEvent.objects.filter(action=Action.CREDENTIAL_REVEALED).exists()
