"""A running Apple for the tests of syncing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from pytest_django import Settings

from appstore.models import AppStoreConnectKey
from appstore.sandbox.model import Program
from appstore.sandbox.server import Sandbox
from organizations.models import Organization
from organizations.permissions import Permission
from tests import factories
from tests.appstore.apple import Apple, Sent, Wire, work
from tests.conftest import Cast
from tests.machines import machine


@pytest.fixture(scope="session")
def _apple_sandbox() -> Iterator[Sandbox]:
    with Sandbox(hourly_limit=1_000_000) as sandbox:
        yield sandbox


@pytest.fixture
def apple_sandbox(_apple_sandbox: Sandbox, settings: Settings) -> Iterator[Sandbox]:
    """The sandbox, with CredHub's settings pointing at it."""
    settings.APPSTORE_API_URL = _apple_sandbox.url
    settings.APPSTORE_ENTERPRISE_API_URL = _apple_sandbox.enterprise_url
    yield _apple_sandbox
    _apple_sandbox.clear_faults()


@pytest.fixture
def make_apple(apple_sandbox: Sandbox) -> Callable[..., Apple]:
    """Teams of any size: `make_apple(devices=120)`."""

    def make(program: Program = Program.APP_STORE, **sizes: int) -> Apple:
        return Apple.with_team(apple_sandbox, program, **sizes)

    return make


@pytest.fixture
def apple(make_apple: Callable[..., Apple]) -> Apple:
    """A small team of the test's own."""
    return make_apple()


@pytest.fixture
def acme(db: None) -> Organization:
    return factories.make_root("Acme")


@pytest.fixture
def key(apple: Apple, acme: Organization) -> AppStoreConnectKey:
    """An Admin's Team key of the small team, just uploaded."""
    return apple.upload(acme)


@pytest.fixture
def owner(cast: Cast) -> Client:
    """Of the root, signed in."""
    return cast.client("root_owner")


@pytest.fixture
def synced_key(cast: Cast, apple: Apple) -> AppStoreConnectKey:
    """A key of the root in the cast, with its first sync."""
    key = apple.upload(cast.root)
    work()
    return key


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """What leaves for Apple from here on."""
    wire = Wire()
    send = requests.Session.send

    def watched(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        token = str(request.headers["Authorization"]).removeprefix("Bearer ")
        sent = Sent(str(request.url), token, connection.in_atomic_block)
        wire.sent.append(sent)
        if wire.before:
            wire.before(sent)
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watched)
    return wire


@pytest.fixture
def build(cast: Cast) -> Client:
    """A build of sub A, by a token that the root's owner made."""
    return machine(cast, cast.sub_a, Permission.CREDENTIAL_REVEAL)
