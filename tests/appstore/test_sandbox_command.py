"""`manage.py sandbox`, as a process of its own."""

import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from appstore.sandbox.model import Program
from appstore.sandbox.ready_keys import prepare
from appstore.sandbox.server import Sandbox
from tests.appstore.test_sandbox_support import token

pytestmark = pytest.mark.process
ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(
    r"^  (?P<path>\S+\.p8)  key (?P<key_id>\w{10})  (?:issuer (?P<issuer>\S+)|no issuer)  (.+)$", re.M
)


@contextmanager
def running(data_dir: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command with what it has printed by the time that it listens."""
    environ = {**os.environ, "CREDHUB_DATA_DIR": str(data_dir)}
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            text = ""
            while text.count(".p8") < (options[-1].count(",") + 1 if "--ready-keys" in options else 5):
                line = process.stdout.readline()
                assert line, f"the sandbox ended early: {text}"
                text += line
            yield process, text
        finally:
            watchdog.cancel()
            process.kill()


def test_first_and_second_start(tmp_path: Path) -> None:
    with running(tmp_path) as (process, printed):
        lines = list(LINE.finditer(printed))
        assert [line[4] for line in lines] == [
            "ADMIN  TEAM",
            "APP_MANAGER  TEAM",
            "DEVELOPER  TEAM",
            "ADMIN  INDIVIDUAL",
            "ADMIN  ENTERPRISE",
        ]
        url, enterprise_url = re.findall(r"http://\S+", printed)
        listing = (tmp_path / "sandbox" / "READY_KEYS.md").read_text()
        for line in lines:
            path = Path(line["path"])
            assert path.parent == tmp_path / "sandbox"
            assert path.name == f"{'ApiKey' if line['issuer'] is None else 'AuthKey'}_{line['key_id']}.p8"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert f"| `{path.name}` | {line['key_id']} | {line['issuer'] or '(none)'} |" in listing
            key = SimpleNamespace(key_id=line["key_id"], issuer_id=line["issuer"] or "", p8=path.read_bytes())
            enterprise = line[4].endswith("ENTERPRISE")
            program = Program.ENTERPRISE if enterprise else Program.APP_STORE
            base = enterprise_url if enterprise else url
            response = requests.get(
                f"{base}/v1/{'devices' if enterprise else 'apps'}",
                headers={"Authorization": f"Bearer {token(key, program)}"},  # type: ignore[arg-type]
                timeout=10,
            )
            assert response.status_code == 200
        objects = {
            team["name"]: team["objects"]
            for team in requests.get(f"{url}/_sandbox/state", timeout=10).json()["teams"]
        }
        counts = [
            objects["Sandbox Team"][name] for name in ("certificates", "profiles", "bundleIds", "devices")
        ]
        assert counts == [12, 40, 15, 30]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    with running(tmp_path, "--ready-keys", "developer,enterprise") as (process, printed_again):
        again = [line[0] for line in LINE.finditer(printed_again)]
        assert again == [lines[2][0], lines[4][0]]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_keys_are_made_again_where_they_are_gone_or_revoked(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    team = sandbox.add_team(certificates=0, profiles=0, bundle_ids=1, devices=1)
    names = ["admin", "developer", "individual"]
    first = prepare(sandbox, tmp_path, names)
    assert sandbox.teams == [team]
    assert prepare(sandbox, tmp_path, names) == first
    first[0].path.unlink()
    sandbox.revoke_key(first[1].key_id)
    second = prepare(sandbox, tmp_path, names)
    assert [a == b for a, b in zip(first, second, strict=True)] == [False, False, True]
    listed = re.findall(r"`(\w+\.p8)`", (tmp_path / "READY_KEYS.md").read_text())
    assert listed == [each.path.name for each in second]
