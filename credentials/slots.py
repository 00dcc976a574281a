"""How many of something an organization may have at once on this machine, over all processes and threads.

A slot is a lock on an empty file, which the system gives back when its holder ends, however it ends.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

AT_ONCE = 2
WAITING = 4  # everybody who waits holds a thread of the web server, and others need some too
PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


class NoSlotError(Exception):
    """All are taken, and waiting did not help."""


@contextmanager
def slot(folder: Path, name: str) -> Iterator[None]:
    """Hold one of the AT_ONCE slots of `name`, waiting a little for it. Raises NoSlotError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = _take(folder, name, AT_ONCE) or _wait(folder, name)
    try:
        yield
    finally:
        held.close()


def _wait(folder: Path, name: str) -> IO[bytes]:
    place = _take(folder, f"{name}.waiting", WAITING)
    if place is None:
        raise NoSlotError
    with place:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            time.sleep(_PAUSE_SECONDS)
            held = _take(folder, name, AT_ONCE)
            if held is not None:
                return held
    raise NoSlotError


def _take(folder: Path, name: str, most: int) -> IO[bytes] | None:
    for number in range(most):
        file = (folder / f"{name}.{number}").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None
