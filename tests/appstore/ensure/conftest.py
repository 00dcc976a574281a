"""An Apple team with devices and nothing else, a key of it, and an app that may be ensured."""

import itertools
from functools import cache
from typing import Any

import pytest

from appstore.models import App, AppStoreConnectKey, Policy, SyncRun
from credentials.kinds import signing_request
from credentials.making.signing_request import new_signing_request
from organizations.models import Organization
from tests.appstore.apple import Apple
from tests.appstore.signing import make_app

_numbers = itertools.count(1)


@pytest.fixture
def apple(make_apple: Any) -> Apple:
    """Two devices, and neither certificates nor profiles."""
    found: Apple = make_apple(certificates=0, profiles=0, bundle_ids=0, devices=2)
    return found


@pytest.fixture
def key(apple: Apple, acme: Organization, monkeypatch: pytest.MonkeyPatch) -> AppStoreConnectKey:
    """One that was checked, and has not key: ensure looks at Apple itself. Private keys are of a few that all tests
    share, each test from the first on."""
    key = apple.upload(acme)
    key.record_outcome("works", "")
    SyncRun.objects.all().delete()
    made = itertools.count()
    monkeypatch.setattr(signing_request, "new_signing_request", lambda *asked: private_key(next(made)))
    return key


@cache
def private_key(_number: int) -> Any:
    return new_signing_request("Acme", "", "")


@pytest.fixture
def app(key: AppStoreConnectKey) -> App:
    # A bundle ID is of one team alone, and all tests share one Apple.
    identifier = f"com.acme.app{next(_numbers)}"
    return make_app(key.credential.organization, policy=Policy.CERTIFICATES, identifier=identifier)
