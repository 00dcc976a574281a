"""Runs several programs as one: restarts what crashes, stops all of them together, leaves no orphans."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

STOP_SECONDS = 20.0
MAX_BACKOFF_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


@dataclass
class Program:
    """One child: its name in the log, its command line, and what its environment has on top of ours."""

    name: str
    command: list[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    crashes: int = 0
    start_again_at: float = 0.0


def _die_with_parent() -> None:
    """In the child, before it becomes its program: end when the supervisor ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """`run()` returns when it was told to stop and every child is gone."""

    def __init__(self, programs: list[Program], say: Callable[[str], None]) -> None:
        self.programs = programs
        self.say = say
        self.stopping = False

    def run(self) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._stop)
        try:
            for program in self.programs:
                self._start(program)
            while not self.stopping:
                time.sleep(0.2)
                for program in self.programs:
                    self._look_after(program)
        finally:
            self._end_all()

    def _stop(self, *_args: object) -> None:
        self.stopping = True

    def _start(self, program: Program) -> None:
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop the children in order.
        program.process = subprocess.Popen(
            program.command,
            env={**os.environ, **program.environ},
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - the supervisor has no threads
        )
        program.started_at = time.monotonic()

    def _look_after(self, program: Program) -> None:
        now = time.monotonic()
        if program.process is None:
            if now >= program.start_again_at:
                self._start(program)
            return
        code = program.process.poll()
        if code is None:
            return
        _signal_group(program.process, signal.SIGKILL)  # what it left behind would keep its port
        if now - program.started_at > 60:
            program.crashes = 0  # it ran well for a while: a new trouble, not the same one going on
        wait = min(0.5 * 2**program.crashes, MAX_BACKOFF_SECONDS)
        program.crashes += 1
        program.start_again_at, program.process = now + wait, None
        self.say(f"{program.name} ended ({_reason(code)}); starting it again in {wait:g} s.")

    def _end_all(self) -> None:
        running = [program.process for program in self.programs if program.process is not None]
        for process in running:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()


def _signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """To the leader for a polite stop (it tells its own workers), to all of its group for a kill."""
    try:
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except ProcessLookupError:
        pass


def _reason(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
