"""A private PostgreSQL: made, started, restarted the hard way, and gone."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from tests.services.errors import ServiceMissingError
from tests.services.ports import free_port

# It holds nothing that has to outlive the machine, so it need not wait for the disk.
IN_A_HURRY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# What is committed survives the server's own end: it is with the system by then, although not on the disk.
SURVIVES_A_KILL = ("fsync=off", "synchronous_commit=on", "full_page_writes=off")


def installed() -> Path | None:
    """The newest PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).parent if on_path else None


class Postgres:
    """A server on a free port of this machine, with everything in `folder`. `url` is of its first database."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = IN_A_HURRY) -> None:
        programs = installed()
        if programs is None:
            raise ServiceMissingError(
                "PostgreSQL is not installed (apt install postgresql). Or set DATABASE_URL."
            )
        self._programs, self._folder, self._settings = programs, folder / "postgres", settings
        self._data, self._log = self._folder / "data", self._folder / "log"
        self._port, self._password = free_port(), secrets.token_hex(16)
        self.url = f"postgres://credhub:{self._password}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        if not self._data.exists():
            self._make()
        settings = [f"-c {each}" for each in self._settings]
        options = " ".join([f"-h 127.0.0.1 -p {self._port} -k {self._folder}", *settings])
        self._control("-l", str(self._log), "-o", options, "start")

    def restart_immediately(self) -> None:
        """As after a power cut: nobody is asked to finish, and the server recovers from its log."""
        self._control("-m", "immediate", "-l", str(self._log), "restart")

    def stop(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def _make(self) -> None:
        self._folder.mkdir(mode=0o700)
        password = self._folder / "password"
        password.write_text(self._password)
        if os.getuid() == 0:
            self._folder.parent.chmod(0o711)
            try:
                shutil.chown(password, "postgres")
                shutil.chown(self._folder, "postgres")
            except LookupError:
                raise ServiceMissingError(
                    "There is no user postgres, and PostgreSQL does not run as root. Set DATABASE_URL."
                ) from None
        made = self._run(
            "initdb", "-D", str(self._data), "-U", "credhub", "-A", "scram-sha-256", f"--pwfile={password}",
            "-E", "UTF8", f"--locale={_locale()}", "--no-sync",
        )  # fmt: skip
        if made.returncode:
            raise ServiceMissingError(f"PostgreSQL's initdb failed:\n{made.stdout}")

    def _control(self, *arguments: str) -> None:
        if self._run("pg_ctl", "-D", str(self._data), "-w", *arguments).returncode:
            said = self._log.read_text() if self._log.exists() else ""
            raise ServiceMissingError(f"PostgreSQL did not start:\n{said[-4000:]}")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """PostgreSQL refuses to run as root."""
        drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
        # Into a file and not a pipe: the server would keep a pipe open for as long as it lives.
        with (self._folder / "said").open("w+") as said:
            done = subprocess.run(
                [*(drop if os.getuid() == 0 else []), str(self._programs / program), *arguments],
                stdout=said, stderr=subprocess.STDOUT, cwd="/", check=False,
            )  # fmt: skip
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read())


def _locale() -> str:
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.lower()
    return "C.UTF-8" if {"c.utf-8", "c.utf8"} & set(known.split()) else "C"
