"""What every process of ours does first: leave no memory behind when it crashes, show none to its neighbours, and
write no file that others on the machine can read.

A core dump holds every key that was open at that moment. Stands on the standard library alone, because it runs before
anything else is loaded. The mark does not survive the start of another program, so the package itself sets it
(credhub/__init__.py): whatever reads our settings, web server, worker, scheduler or command, has it.
"""

import ctypes
import os
import resource
import sys

PR_SET_DUMPABLE = 4


def harden() -> None:
    """No core dump, for this process and its children; on Linux, nobody of the same user reads its memory. What it
    writes is its user's alone: SQLite's file has the sessions in it, and the data dir may have been there before."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A pattern in /proc/sys/kernel/core_pattern that pipes to a program ignores the limit; this it does not.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
