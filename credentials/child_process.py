"""Starts the program that reads a file (credentials/parsing/child.py), watches it, and ends it.

It gets an environment without any secret, no open file but its two pipes, and a process group of its own that is
killed when it is over, whichever way. Its other limits it sets for itself, before anything else.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import cryptography

from credentials.parsing import child, limits

WALL_SECONDS = 1.9
MOST_ANSWERED = 4 * limits.LARGEST_FILE
_FOLDERS = [
    str(Path(module.__file__ or "").resolve().parents[up]) for module, up in ((child, 2), (cryptography, 1))
]
COMMAND = [sys.executable, "-I", "-S", "-B", str(Path(child.__file__).resolve()), *_FOLDERS]
_ENDED_BY_LIMITS = {signal.SIGXCPU, signal.SIGKILL, signal.SIGABRT}  # the last: a library without memory
_FOR_THE_LOADER = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # where a Python of one's own finds its libraries


class ChildFailedError(Exception):
    """The child ended without an answer; the message is for the log and names no content."""


class TooMuchWorkError(ChildFailedError):
    """A limit of time, memory or output stopped it."""


def run_child(request: bytes) -> bytes:
    """What the child answers. Raises ChildFailedError, TooMuchWorkError."""
    try:
        process = _start()
    except OSError as error:
        raise ChildFailedError(f"it did not start: {error.strerror}") from None
    # The clock kills the whole group, which ends every wait below.
    clock = threading.Timer(WALL_SECONDS, _kill, [process])
    clock.start()
    try:
        answer = _talk(process, request)
    finally:
        is_late = not clock.is_alive()
        clock.cancel()
        clock.join()
        _kill(process)
        process.wait()
    return _checked(answer, process.returncode, is_late=is_late)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _FOR_THE_LOADER if name in os.environ},
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )


def _talk(process: subprocess.Popen[bytes], request: bytes) -> bytes:
    """Ask, and read no more than an answer can be."""
    assert process.stdin  # noqa: S101 - for mypy: both are pipes
    assert process.stdout  # noqa: S101
    with process.stdout as output:
        with suppress(BrokenPipeError), process.stdin as questions:
            questions.write(request)
        return output.read(MOST_ANSWERED + 1)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _checked(answer: bytes, status: int, *, is_late: bool) -> bytes:
    if is_late:
        raise TooMuchWorkError(f"{WALL_SECONDS} seconds were over")
    if len(answer) > MOST_ANSWERED:
        raise TooMuchWorkError("it answered without end")
    if -status in _ENDED_BY_LIMITS or status == child.OUT_OF_MEMORY:
        raise TooMuchWorkError(f"it ended with status {status}")
    if status != 0:
        raise ChildFailedError(f"it ended with status {status}")
    return answer
