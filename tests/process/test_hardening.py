"""No process of ours dumps its memory, and none is read by a neighbour of the same user (Linux)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.conftest import Place
from tests.process.house import ROOT, House, wait_for

PROGRAMS = {"web": "gunicorn", "worker": "celery --quiet -A credhub worker", "scheduler": "-A credhub beat"}
ASKS = """
import ctypes, os, resource
assert os.umask(0) == 0o077
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0  # PR_GET_DUMPABLE
"""
ENTRIES = {
    "settings": "import credhub.settings",
    "wsgi": "import credhub.wsgi",
    "Celery": "import credhub.celery",
    "gunicorn": "import credhub.gunicorn_log",
}
linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc and prctl")


@linux
@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_every_entry(tmp_path: Path, entry: str) -> None:
    environ = House(tmp_path, SECRET_KEY="x" * 50, CREDHUB_MASTER_KEYS=f"a:{'A' * 43}=").environ
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", entry + ASKS],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


@linux
def test_what_up_starts(place: Place) -> None:
    wait_for(place.house.answers, "an answer", place.house.log)
    running = place.house.processes()
    for words in PROGRAMS.values():
        mine = [pid for pid, line in running.items() if words in line]
        assert mine, words
        for pid in mine:
            (core,) = (
                line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line
            )
            assert core.split()[4:6] == ["0", "0"], words


@linux
def test_what_up_says_on_its_error_stream_passes_the_logs_door(place: Place) -> None:
    """gunicorn's own words too: it loads no Django in its first process."""
    wait_for(place.house.answers, "an answer", place.house.log)
    assert "GET /" not in place.house.log.read_text()
