"""A public client that was written for Apple works with the sandbox as it is."""

import tempfile
from pathlib import Path

import pytest
from codemagic.apple.app_store_connect import AppStoreConnectApiClient, IssuerId, KeyIdentifier
from codemagic.utilities import auditing

from appstore.sandbox.model import IssuedKey
from tests.appstore.test_sandbox_support import World

pytest_plugins = ["tests.appstore.test_sandbox_support"]


@pytest.fixture(autouse=True)
def _isolated(sandbox_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client talks to the sandbox, and keeps tokens and audits in this test's folder."""
    monkeypatch.setattr(AppStoreConnectApiClient, "API_URL", f"{sandbox_world.sandbox.url}/v1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(auditing.BaseAuditor, "audit_directory", property(lambda _: tmp_path), raising=False)


def client(key: IssuedKey) -> AppStoreConnectApiClient:
    return AppStoreConnectApiClient(KeyIdentifier(key.key_id), IssuerId(key.issuer_id), key.p8.decode())


def ids(world: World, collection: str) -> set[str]:
    return {each["id"] for each in world.sandbox.objects(world.team, collection)}
