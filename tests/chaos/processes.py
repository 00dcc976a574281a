"""The product's processes, started as `manage.py up` starts them, each under a name that the database sees."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.process.house import ROOT

PATIENCE = 40.0  # seconds for a polite end


class Process:
    def __init__(self, name: str, command: list[str], environ: Mapping[str, str], folder: Path) -> None:
        self.name, self._command = name, command
        self._environ = {**environ, "PGAPPNAME": name, "PYTHONUNBUFFERED": "1"}
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environ, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def freeze(self) -> None:
        """As a machine that is paused: it goes on later, and has noticed nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """To it and to all that it started."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        stop_all([self])

    def ask_to_end(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def wait_and_kill(self) -> None:
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
            self.kill()


def stop_all(processes: list[Process]) -> None:
    """Politely, all at once."""
    for process in processes:
        process.ask_to_end()
    for process in processes:
        process.wait_and_kill()


def commands_of_up() -> dict[str, list[str]]:
    """Name → command line of each program of `manage.py up`. Needs Django's settings."""
    from credhub.management.commands.up import Command

    options = {"host": "127.0.0.1", "port": 0, "web_workers": 1, "threads": 1, "concurrency": 4}
    return {program.name: program.command for program in Command()._programs(options)}


def sandbox_command(port: int, data_dir: Path) -> list[str]:
    return [
        sys.executable, "manage.py", "sandbox", "--port", str(port), "--data-dir", str(data_dir),
        "--ready-keys", "", "--hourly-limit", "1000000",
    ]  # fmt: skip
