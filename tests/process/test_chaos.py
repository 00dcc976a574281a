"""A short `make chaos`: one of everything, on servers of its own, and every invariant holds."""

import os
import re
import subprocess
import sys

import pytest

from tests.process.house import PATIENCE, ROOT

ONCE = {
    "teams": 3, "large-teams": 0, "organizations": 2, "workers": 2, "schedulers": 3, "worker-kills": 1,
    "worker-freezes": 0, "redis-kills": 1, "flushes": 1, "postgres-restarts": 1, "clock-steps": 0,
    "apple-faults": 3, "apple-restarts": 0, "removals": 1, "pace": 0.1, "lease": 3,
}  # fmt: skip


@pytest.mark.skipif(
    not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")),
    reason="PostgreSQL and Redis are what it breaks: make test-services",
)
def test_nothing_is_lost_when_everything_breaks_once() -> None:
    options = [f"--{name}={value}" for name, value in ONCE.items()]
    # What breaks are servers of its own: those of the suite have other tests beside this one.
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--seed", "1", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted = dict(re.findall(r"\| (.+?) \| (.+?) \|", done.stdout))
    for name in ("workers killed", "Redis killed, empty again", "PostgreSQL restarted (immediate)"):
        assert counted[name] == "1"
    # It looked at something: checks of an empty record would find nothing wrong with it.
    assert int(counted["rows written, by the triggers' count"]) > 250
    assert int(counted["claims (attempts)"]) >= 8
    assert counted["wrong tombstones on the way (I4)"] == "0"
