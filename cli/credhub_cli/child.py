"""A command that runs as long as it wants, and what becomes of the signals that are meant to end it."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from credhub_cli.errors import CliError, Exit

ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


class Signals:
    """Before the command runs, a signal ends us (and what is around us cleans up); then it is passed on."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.is_starting = False
        self.early = 0  # the signal that came while the command was being started

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if self.is_starting:
            self.early = number
            return
        if self.process is None:
            raise SystemExit(128 + number)
        # A terminal has sent its Ctrl-C to the command already
        if number != signal.SIGINT or not sys.stdin.isatty():
            self.process.send_signal(number)


@contextmanager
def signals() -> Iterator[Signals]:
    handler = Signals()
    if threading.current_thread() is not threading.main_thread():
        yield handler  # only the main thread may set handlers
        return
    before = {number: signal.signal(number, handler) for number in ENDING}
    try:
        yield handler
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def run_to_the_end(command: list[str], environ: Mapping[str, str], handler: Signals) -> int:
    """The exit code as a shell tells it: 128 and the signal's number for what a signal ended."""
    handler.is_starting = True
    try:
        process = handler.process = subprocess.Popen(command, env=dict(environ))
    except FileNotFoundError:
        raise CliError(Exit.NOT_FOUND, "no-command", f"There is no command {command[0]}.") from None
    finally:
        handler.is_starting = False
    if handler.early:
        process.send_signal(handler.early)
    code = process.wait()
    return code if code >= 0 else 128 - code
