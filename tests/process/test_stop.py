"""However `manage.py up` ends, nothing of it goes on running, and it can be started again."""

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.process.house import House, house, keys, wait_for


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation that every test here starts and ends again."""
    with house(tmp_path_factory.mktemp("stopped"), migrated=True, **keys()) as made:
        yield made


def children_are_there(running: House) -> bool:
    return all(running.child(words) for words in ("gunicorn", "-A credhub worker", "-A credhub beat"))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def assert_ended(running: House) -> None:
    assert running.ended() == 0
    assert running.processes() == {}
    assert is_free(running.port)
    said = running.log.read_text()
    assert said.rstrip().endswith("Stopped.")
    assert "Traceback" not in said, said[-4000:]


def ctrl_c(running: House) -> None:
    """A terminal signals the whole foreground group: the children are not in it, so that they end in order."""
    assert running.process is not None
    assert running.group(running.process.pid) == [running.process.pid]
    os.killpg(running.process.pid, signal.SIGINT)


def test_ctrl_c_ends_all_of_it(stopped: House) -> None:
    stopped.up()
    wait_for(lambda: children_are_there(stopped), "all children", stopped.log)
    ctrl_c(stopped)
    assert_ended(stopped)


@pytest.mark.thorough
def test_so_does_a_polite_signal(stopped: House) -> None:
    """Also one that comes early, while children are starting."""
    stopped.start()
    wait_for(lambda: stopped.child("-A credhub beat"), "the scheduler", stopped.log)
    assert stopped.process is not None
    stopped.process.terminate()
    assert_ended(stopped)


def test_a_killed_supervisor_leaves_no_orphans(stopped: House) -> None:
    stopped.up()
    wait_for(lambda: children_are_there(stopped), "all children", stopped.log)
    assert stopped.process is not None
    stopped.process.kill()
    assert stopped.ended() == -signal.SIGKILL
    wait_for(lambda: not stopped.processes(), "the end of all children", stopped.log)
    assert is_free(stopped.port)
