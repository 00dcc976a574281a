"""Two at once for an organization, over threads and processes; a few wait, and the others are told."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from credentials import slots
from credentials.slots import AT_ONCE, WAITING, NoSlotError, slot


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "PATIENCE_SECONDS", 0.1)


def hold(stack: ExitStack, folder: Path, name: str) -> None:
    for _ in range(AT_ONCE):
        stack.enter_context(slot(folder, name))


@pytest.mark.usefixtures("impatient")
def test_a_third_is_refused_and_another_organization_is_not(tmp_path: Path) -> None:
    with ExitStack() as stack:
        hold(stack, tmp_path, "one")
        with pytest.raises(NoSlotError), slot(tmp_path, "one"):
            pytest.fail("a third was let in")
        with slot(tmp_path, "other"):
            pass
    with slot(tmp_path, "one"):
        pass


def test_a_third_waits_its_turn(tmp_path: Path) -> None:
    order: list[str] = []

    def third() -> None:
        with slot(tmp_path, "one"):
            order.append("third")

    with ExitStack() as stack:
        hold(stack, tmp_path, "one")
        thread = threading.Thread(target=third)
        thread.start()
        time.sleep(0.1)
        order.append("the first two leave")
    thread.join(timeout=10)
    assert order == ["the first two leave", "third"]


def test_only_some_may_wait_and_the_others_are_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[bool] = []

    def not_here(seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        if threading.current_thread() is threading.main_thread():
            pytest.fail("one more waits")
        sleep(seconds)

    def waiter() -> None:
        with slot(tmp_path, "one"):
            done.append(True)

    with ExitStack() as stack:
        hold(stack, tmp_path, "one")
        threads = [threading.Thread(target=waiter) for _ in range(WAITING)]
        for thread in threads:
            thread.start()
        while len(list(tmp_path.glob("one.waiting.*"))) < WAITING:  # each opens its place when it takes it
            time.sleep(0.01)
        time.sleep(0.1)
        monkeypatch.setattr(slots.time, "sleep", not_here)
        with pytest.raises(NoSlotError), slot(tmp_path, "one"):
            pytest.fail("one more was let in")
        monkeypatch.undo()
    for thread in threads:
        thread.join(timeout=10)
    assert len(done) == WAITING


@pytest.mark.usefixtures("impatient")
def test_other_processes_count_and_their_end_gives_the_slot_back(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from credentials.slots import slot\n"
        "with slot(Path(sys.argv[1]), 'one'):\n    print('held', flush=True); sys.stdin.read()"
    )
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=Path(slots.__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(AT_ONCE)
    ]
    try:
        for holder in holders:
            assert holder.stdout
            assert holder.stdout.readline() == b"held\n"
        with pytest.raises(NoSlotError), slot(tmp_path, "one"):
            pytest.fail("a third was let in")
        holders[0].kill()
        holders[0].wait()
        with slot(tmp_path, "one"):
            pass
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()
