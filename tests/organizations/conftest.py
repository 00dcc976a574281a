from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.organizations.fake_provider import CLIENT_ID, CLIENT_SECRET, KNOWN, FakeProvider, says


@pytest.fixture(scope="module")
def running() -> Iterator[FakeProvider]:
    provider = FakeProvider()
    yield provider
    provider.close()


@pytest.fixture
def provider(running: FakeProvider, settings: Settings) -> FakeProvider:
    settings.OIDC_ISSUER, settings.OIDC_NAME = running.url, "Acme SSO"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.OIDC_GROUP_ROLES = "ios=acme-games:DEVELOPER, leads=acme-games:ADMIN, owners=acme:OWNER"
    running.spoil, running.config, running.sign_with = {}, {}, None
    running.asked.clear()
    says(running, KNOWN)
    return running
