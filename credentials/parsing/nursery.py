"""The program that has a child ready for each uploaded file: everything is imported once, and forked for every file.

    python -I -S nursery.py FOLDER… < socket

Whoever started it (credentials/child_process.py) sends, over the socket that is its standard input, how many seconds a
file may take and two sockets: one over which the child is asked and answers (child.py), one over which its exit status
is told. It never sees a byte of a file itself: each child is a copy of what it was before the first one.

Beside every child stands a keeper, which ends it with all that it may have started when its time is over.
"""

import gc
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from types import FrameType

SECONDS = struct.Struct("!d")
PR_SET_DUMPABLE = 4


def main() -> int:
    """Returns when whoever started it is gone."""
    sys.path += sys.argv[1:]
    from credentials.parsing import child

    for prepare in child.PARSERS.values():
        prepare()
    _hide()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    with socket.socket(fileno=0) as door:
        while True:
            asked, passed, _, _ = socket.recv_fds(door, SECONDS.size, 2)
            if not asked:
                return 0
            if os.fork() == 0:
                door.close()  # a child that is taken over must not be handed the next file
                _keep(*passed, seconds=SECONDS.unpack(asked)[0])
            for each in passed:
                os.close(each)


def _hide() -> None:
    """On Linux, nobody of the same user reads the memory of this program or of its children, nor they each other's."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _keep(talk: int, told: int, *, seconds: float) -> None:
    """Fork the child, end it in time, tell its status: as Popen.returncode, a minus before the signal that ended it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.close(told)
        _be_the_child(talk)
    os.close(talk)

    def end(_signal: int, _frame: FrameType | None) -> None:
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    os.waitid(
        os.P_PID, child, os.WEXITED | os.WNOWAIT
    )  # it keeps its number until all that it started has ended
    signal.setitimer(signal.ITIMER_REAL, 0)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with suppress(OSError):
        os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _be_the_child(talk: int) -> None:
    from credentials.parsing import child

    try:
        os.setsid()
        os.dup2(talk, 0)
        os.dup2(talk, 1)
        os.close(talk)
        os._exit(child.main())
    finally:  # whatever happens, it does not come back from here
        os._exit(child.CRASHED)


if __name__ == "__main__":
    os._exit(main())
