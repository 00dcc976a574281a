"""A sandbox with a data directory comes back as it was, and never writes a private key."""

import json
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from appstore.sandbox.model import IssuedKey
from appstore.sandbox.server import Sandbox
from tests.appstore.test_sandbox_support import token

pytest_plugins = ["tests.appstore.test_sandbox_support"]

COLLECTIONS = ("certificates", "profiles", "bundleIds", "devices", "apps", "users", "bundleIdCapabilities")


def status(sandbox: Sandbox, key: IssuedKey) -> int:
    headers = {"Authorization": f"Bearer {token(key)}"}
    return requests.get(f"{sandbox.url}/v1/certificates", headers=headers, timeout=10).status_code


def test_a_restart_finds_the_same_ids_contents_and_keys(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        team = sandbox.add_team(certificates=2, profiles=2, bundle_ids=3, devices=4)
        key, revoked = sandbox.add_key(team), sandbox.add_key(team)
        sandbox.revoke_key(revoked.key_id)
        sandbox.update(team, "devices", sandbox.objects(team, "devices")[0]["id"], status="DISABLED")
        sandbox.remove(team, "apps", sandbox.objects(team, "apps")[0]["id"])
        added = sandbox.add_device(team, name="Added")
        before = {name: sandbox.objects(team, name) for name in COLLECTIONS}
    assert added in before["devices"]
    with Sandbox(tmp_path) as again:
        assert again.teams == [team]
        assert {name: again.objects(team, name) for name in COLLECTIONS} == before
        assert [status(again, each) for each in (key, revoked)] == [200, 401]


def test_no_private_key_is_ever_written(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        team = sandbox.add_team(certificates=1, profiles=1, bundle_ids=1, devices=1)
        key = sandbox.add_key(team)
    secret = key.p8.decode().splitlines()[1]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["state.json"]
    text = files[0].read_text()
    assert "PRIVATE" not in text
    assert secret not in text
    assert key.key_id in text
    assert "p8" not in json.loads(text)["keys"][0]
    assert "PRIVATE" not in repr(key)
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_a_restart_is_quick_whatever_the_size(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    team = sandbox.add_team(certificates=2, profiles=200, bundle_ids=60, devices=150)
    start = time.process_time()
    again = Sandbox(tmp_path)
    assert time.process_time() - start < 1
    assert again.counts(team) == sandbox.counts(team)
    assert again.counts(team)["profiles"] == 200


def test_a_failed_write_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Sandbox(tmp_path)
    team = sandbox.add_team(certificates=0, profiles=0, bundle_ids=1, devices=1)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("appstore.sandbox.storage.os.fsync", fail)
        with pytest.raises(OSError, match="disk full"):
            sandbox.add_device(team)
    assert len(Sandbox(tmp_path).objects(team, "devices")) == 1
    sandbox.add_device(team)
    assert len(Sandbox(tmp_path).objects(team, "devices")) == 3


def test_a_state_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"format": 99}')
    with pytest.raises(ValueError, match="not a sandbox state"):
        Sandbox(tmp_path)


def test_without_a_data_directory_nothing_is_kept(start_sandbox: Callable[..., Sandbox]) -> None:
    start_sandbox().add_team(certificates=0, profiles=0, bundle_ids=1, devices=1)
    assert start_sandbox().teams == []
