"""Exceptions that nobody catches, in a server's main thread, its threads and its finalizers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.house import ROOT, House, keys
from tests.thoroughness import first_of

SECRET = "a-secret-in-an-exception"
WAYS = {
    "uncaught": "raise RuntimeError(SECRET)",
    "uncaught_in_thread": """
import threading
def fall():
    raise RuntimeError(SECRET)
thread = threading.Thread(target=fall)
thread.start()
thread.join()
""",
    "unraisable": """
class Falls:
    def __del__(self):
        raise RuntimeError(SECRET)
Falls()
""",
}


@pytest.mark.parametrize("event", first_of(WAYS))
@pytest.mark.parametrize("entry", ["import credhub.wsgi", "from credhub.celery import app; app.log.setup()"])
def test_it_is_logged_and_its_words_are_not(tmp_path: Path, entry: str, event: str) -> None:
    environ = House(
        tmp_path, CREDHUB_LOG_JSON="1", DJANGO_SETTINGS_MODULE="credhub.settings", **keys()
    ).environ
    code = f"import django; django.setup(); {entry}\nSECRET = {SECRET!r}\n{WAYS[event]}"
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert SECRET not in ended.stderr + ended.stdout
    (line,) = [json.loads(line) for line in ended.stderr.splitlines()]
    assert (line["event"], line["exception"][0]["type"]) == (event, "RuntimeError")
