"""`manage.py up`: one command that makes its keys, serves, keeps its children alive, and is alone."""

import os
import signal
import stat
from pathlib import Path

import pytest
import requests

from tests.process.conftest import Place
from tests.process.house import house, keys, wait_for
from tests.thoroughness import first_of

CHILDREN = {"web": "gunicorn", "worker": "celery --quiet -A credhub worker", "scheduler": "-A credhub beat"}


def test_it_serves_its_health_and_the_sign_in(place: Place) -> None:
    wait_for(place.house.answers, "an answer", place.house.log)
    health = requests.get(f"{place.house.url}/healthz", timeout=30)
    assert (health.status_code, health.json()) == (200, {"status": "ok"})

    def ready() -> bool:
        answer = requests.get(f"{place.house.url}/readyz", timeout=30)
        assert answer.status_code == 200
        return bool(answer.json()["status"] == "ok")

    wait_for(ready, "a worker that gives a sign of life", place.house.log)
    page = requests.get(place.house.url, timeout=30)
    assert page.url.startswith(f"{place.house.url}/accounts/login/")
    assert 'type="password"' in page.text


def test_it_says_where_it_is_and_where_its_data_are(place: Place) -> None:
    assert place.house.says(f"CredHub: {place.house.url}")
    assert place.house.says(f"Data:    {place.house.data_dir}")


def test_the_first_start_makes_keys_for_its_owner_alone_and_says_where(place: Place) -> None:
    for name, file_name in (("SECRET_KEY", "secret_key"), ("CREDHUB_MASTER_KEYS", "master_keys")):
        path = place.house.data_dir / file_name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(path.read_text().strip()) > 40
        assert place.house.log.read_text().count(f"made {name} in {path}") == 1
    assert stat.S_IMODE(place.house.data_dir.stat().st_mode) == 0o700


@pytest.mark.parametrize("child", first_of(CHILDREN))
def test_a_child_that_is_killed_comes_back(place: Place, child: str) -> None:
    running, words = place.house, CHILDREN[child]
    before = wait_for(lambda: running.child(words), f"the {child}", running.log)
    os.kill(before, signal.SIGKILL)

    def another() -> bool:
        return running.child(words) not in (None, before)

    wait_for(another, f"another {child}", running.log)
    wait_for(lambda: not running.group(before), f"the end of what the old {child} left", running.log)
    wait_for(running.answers, "an answer", running.log)
    assert running.says(f"{child} ended (killed by signal 9); starting it again")


def test_a_second_one_on_the_same_data_dir_says_so_in_one_line(place: Place) -> None:
    second = place.house.manage("up", "--port", str(place.house.sandbox_ports[0]))
    assert second.returncode == 1
    assert second.stdout == ""
    (line,) = second.stderr.splitlines()
    assert f"CredHub is running with the data dir {place.house.data_dir} already." in line
    wait_for(place.house.answers, "an answer of the first one", place.house.log)


def test_a_port_that_is_taken_is_said_in_one_line(place: Place, tmp_path: Path) -> None:
    with house(tmp_path, **keys()) as other:
        second = other.manage("up", "--port", str(place.house.port))
    assert second.returncode == 1
    assert second.stdout == ""
    (line,) = second.stderr.splitlines()
    assert f"Cannot listen on 127.0.0.1:{place.house.port}" in line
    assert "Set PORT" in line
