"""Has a file read in a process of its own: asks the nursery (credentials/parsing/nursery.py) for one, and talks to it.

The nursery is a program without any secret in its environment and without an open file but the socket to us. It is
started when the first file comes, ends with us, and makes way for a new one after a while, or when a child of it ended
otherwise than with an answer.
"""

import atexit
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from signal import SIGABRT, SIGKILL, SIGXCPU

import cryptography

from credentials.parsing import child, limits, nursery

WALL_SECONDS = 1.9
GRACE_SECONDS = 1.0  # in which a child is ended, and said to be
MOST_ANSWERED = 4 * limits.LARGEST_FILE
MOST_CHILDREN = 500  # of one nursery: all of them have the same addresses in memory
_FOLDERS = [
    str(Path(module.__file__ or "").resolve().parents[up]) for module, up in ((nursery, 2), (cryptography, 1))
]
COMMAND = [sys.executable, "-I", "-S", "-B", str(Path(nursery.__file__).resolve()), *_FOLDERS]
_ENDED_BY_LIMITS = {SIGXCPU, SIGKILL, SIGABRT}  # the last: a library without memory
_FOR_THE_LOADER = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # where a Python of one's own finds its libraries


class ChildFailedError(Exception):
    """The child ended without an answer; the message is for the log and names no content."""


class TooMuchWorkError(ChildFailedError):
    """A limit of time, memory or output stopped it."""


def run_child(request: bytes) -> bytes:
    """What the child answers. Raises ChildFailedError, TooMuchWorkError."""
    (talk, theirs), (told, tells) = socket.socketpair(), socket.socketpair()
    with talk, told:
        with theirs, tells:
            by = _ask(theirs, tells)
        for each in (talk, told):
            each.settimeout(WALL_SECONDS + GRACE_SECONDS)
        try:
            answer = _talk(talk, request)
            talk.close()  # one that still answers ends by it
            status = int(told.recv(16) or child.CRASHED)
        except TimeoutError:
            by.retire()
            raise TooMuchWorkError(f"{WALL_SECONDS} seconds were over") from None
    if status != 0:
        by.retire()
    return _checked(answer, status)


def _talk(talk: socket.socket, request: bytes) -> bytes:
    """Ask, and read no more than an answer can be."""
    with suppress(BrokenPipeError, ConnectionResetError):
        talk.sendall(request)
        talk.shutdown(socket.SHUT_WR)
    answer = bytearray()
    with suppress(ConnectionResetError):
        while len(answer) <= MOST_ANSWERED and (part := talk.recv(65536)):
            answer += part
    return bytes(answer)


def _checked(answer: bytes, status: int) -> bytes:
    if len(answer) > MOST_ANSWERED:
        raise TooMuchWorkError("it answered without end")
    if -status in _ENDED_BY_LIMITS or status == child.OUT_OF_MEMORY:
        raise TooMuchWorkError(f"it ended with status {status}")
    if status != 0:
        raise ChildFailedError(f"it ended with status {status}")
    return answer


class Nursery:
    """A running one, and how many children it has had."""

    def __init__(self) -> None:
        self.started_by, self.command = os.getpid(), COMMAND
        self.children = 0
        self._door, theirs = socket.socketpair()
        with theirs:
            try:
                self.process = _start(theirs)
            except OSError:
                self._door.close()
                raise

    def ask(self, talk: socket.socket, tells: socket.socket) -> None:
        """Raises OSError when it is gone."""
        socket.send_fds(self._door, [nursery.SECONDS.pack(WALL_SECONDS)], [talk.fileno(), tells.fileno()])
        self.children += 1

    @property
    def is_over(self) -> bool:
        return self.children >= MOST_CHILDREN or self.command != COMMAND or self.is_a_forks

    @property
    def is_a_forks(self) -> bool:
        """We are a fork of the process that started it: it is not ours."""
        return self.started_by != os.getpid()

    def retire(self) -> None:
        """No more children of it: the next file gets another one's."""
        global _kept  # noqa: PLW0603 - there is one for a process
        with _lock:
            if _kept is self:
                _kept = None
        self.end()

    def end(self) -> None:
        self._door.close()
        if self.is_a_forks:
            self.process.returncode = 0  # not ours to wait for
        else:
            self.process.kill()
            self.process.wait()


def _start(door: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        stdin=door.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _FOR_THE_LOADER if name in os.environ},
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )


_lock = threading.Lock()
_kept: Nursery | None = None


def _ask(talk: socket.socket, tells: socket.socket) -> Nursery:
    """The nursery that forks a child which talks there. Raises ChildFailedError."""
    global _kept  # noqa: PLW0603
    with _lock:
        if _kept is not None and _kept.is_over:
            _kept.end()
            _kept = None
        for _ in range(2):  # a second time when the one that we have was ended by somebody
            try:
                _kept = _kept or Nursery()
                _kept.ask(talk, tells)
            except OSError as error:
                reason = error.strerror
                if _kept is not None:
                    _kept.end()
                    _kept = None
            else:
                return _kept
    raise ChildFailedError(f"it did not start: {reason}")


@atexit.register
def _end() -> None:
    if _kept is not None:
        _kept.end()
