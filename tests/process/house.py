"""A CredHub installation of its own: a data dir, a port, its processes, and ways to look at them from outside."""

import atexit
import base64
import functools
import itertools
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
import requests

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "credhub.sqlite3"
PATIENCE = 180.0  # seconds: a limit for a loaded machine, nothing waits that long
# What the tests' own settings put into the environment, and what would move an installation elsewhere
OURS = ("ALLOWED_HOSTS", "APPSTORE_", "CREDHUB_", "DEBUG", "DJANGO_", "HOST", "PORT", "SECRET_KEY")
T = TypeVar("T")
_ports = itertools.count(10_000 + os.getpid() * 37 % 20_000)
# Test processes side by side share a Redis: one's worker must not take what another's beat rings.
_sides = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_side = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _sides


def wait_for(look: Callable[[], T | None], what: str, log: Path | None = None) -> T:
    """What `look` returns once it is true; polled, because other processes tell nobody when they are done."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    said = log.read_text()[-4000:] if log else ""
    raise AssertionError(f"Waited in vain for {what}.\n{said}")


def free_ports(count: int) -> list[int]:
    """Ports in a row that nobody listens on, never the same twice; below those that systems give to clients."""
    while not all(map(_is_free, found := list(itertools.islice(_ports, count)))):
        pass
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class House:
    """`environ` is what its commands get on top of a clean environment."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.data_dir = folder / "data"
        self.log = folder / "up.log"
        self.port, *self.sandbox_ports = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environ = clean | {"CREDHUB_DATA_DIR": str(self.data_dir), "PYTHONUNBUFFERED": "1"} | environ
        self.process: subprocess.Popen[bytes] | None = None
        self._sessions: set[int] = set()  # of children that were seen

    # Running

    def manage(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return self.run([sys.executable, "manage.py", *arguments], **environ)

    def run(self, command: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def up(self, *options: str) -> None:
        """Start `manage.py up` and wait until it serves."""
        self.start(*options)
        wait_for(self.answers, "the first answer", self.log)
        self.processes()  # known from now on, also when their parent is gone

    def start(self, *options: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port), *options],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def answers(self) -> bool:
        try:
            return bool(requests.get(f"{self.url}/healthz", timeout=10).ok)
        except requests.RequestException:
            return False

    def says(self, words: str) -> bool:
        return words in self.log.read_text()

    def ended(self) -> int:
        """The exit code of `up`, once it has ended."""
        assert self.process is not None
        code = self.process.wait(timeout=PATIENCE)
        self.process = None
        return code

    # Its processes

    def processes(self) -> dict[int, str]:
        """Process id → command line, of everything that runs with this data dir, orphans too (Linux)."""
        found = {}
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and self._is_mine(folder):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # it ended in this moment, or is not ours
                continue
        return found

    def _is_mine(self, folder: Path) -> bool:
        mark = f"CREDHUB_DATA_DIR={self.data_dir}".encode()
        try:
            return mark in (folder / "environ").read_bytes().split(b"\0")
        except (
            PermissionError
        ):  # hardened: only root reads it. Then by family, and by the children seen before
            parent, session = _place(int(folder.name))
            if self.process is not None and parent == self.process.pid:
                self._sessions.add(session)
            is_up = self.process is not None and int(folder.name) == self.process.pid
            return is_up or session in self._sessions

    def child(self, words: str) -> int | None:
        """The child of `up` whose command line has these words."""
        assert self.process is not None
        mine = (pid for pid, line in self.processes().items() if words in line)
        return next((pid for pid in mine if _place(pid)[0] == self.process.pid), None)

    def group(self, leader: int) -> list[int]:
        """What is left of the process group that a child led."""
        return [pid for pid in self.processes() if _place(pid)[1] == leader]

    def kill_all(self) -> None:
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.process is not None:
            self.process.wait(timeout=PATIENCE)

    # Its database

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read past Django, as somebody with a copy of the database would."""
        if url := self.environ.get("DATABASE_URL"):
            with psycopg.connect(url) as connection:
                return connection.execute(query).fetchall()  # type: ignore[arg-type]
        path = self.data_dir / DATABASE
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(query).fetchall()

    def table_names(self) -> list[str]:
        schema = "information_schema.tables WHERE table_schema = 'public'"
        master = "sqlite_master WHERE type = 'table'"
        name, where = ("table_name", schema) if "DATABASE_URL" in self.environ else ("name", master)
        return [row[0] for row in self.rows(f"SELECT {name} FROM {where}")]  # noqa: S608 - names of ours

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - a name of ours


def _place(pid: int) -> tuple[int, int]:
    """Parent and process group; (0, 0) for a process that has ended."""
    try:
        # The name, in parentheses, may hold anything; behind it come state, parent and group.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return int(fields[1]), int(fields[2])


@contextmanager
def house(folder: Path, *, migrated: bool = False, **environ: str) -> Iterator[House]:
    """An installation; on PostgreSQL and Redis with databases of its own, where the tests run on those.

    Migrated: its database is that of a first start with `keys()`, which must be its own then. Migrating takes longer
    than all the rest of a start.
    """
    template = _migrated() if migrated else None
    with _database(template) as database_url, _redis_database() as redis_url:
        services = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        house = House(folder, **{name: url for name, url in services.items() if url}, **environ)
        if template is not None:
            house.data_dir.mkdir(mode=0o700, parents=True)
            if not database_url:
                shutil.copy(template.data_dir / DATABASE, house.data_dir)
        try:
            yield house
        finally:
            house.kill_all()


@functools.cache
def _migrated() -> House:
    """Never started: what others copy. It is there until this process ends."""
    kept = ExitStack()
    atexit.register(kept.close)
    folder = Path(kept.enter_context(TemporaryDirectory(prefix="credhub-migrated-")))
    database_url = kept.enter_context(_database(None))
    made = House(folder, **keys(), **({"DATABASE_URL": database_url} if database_url else {}))
    made.data_dir.mkdir()
    done = made.manage("migrate", "-v0")
    assert done.returncode == 0, done.stderr
    return made


@contextmanager
def _database(template: House | None) -> Iterator[str]:
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        yield ""
        return
    name = f"credhub_process_{secrets.token_hex(4)}"
    copied = f"TEMPLATE {urlsplit(template.environ['DATABASE_URL']).path[1:]}" if template else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {copied}")  # type: ignore[arg-type]
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@contextmanager
def _redis_database() -> Iterator[str]:
    """Nobody else's while it is used: two workers at one Redis would take each other's messages."""
    server = os.environ.get("REDIS_URL", "")
    if not server:
        yield ""
        return
    free = _free_redis_databases(server)
    number = free.pop()
    url = urlunsplit(urlsplit(server)._replace(path=f"/{number}"))
    try:
        with redis.Redis.from_url(url) as connection:
            connection.flushdb()
        yield url
    finally:
        free.insert(0, number)


@functools.cache
def _free_redis_databases(server: str) -> list[int]:
    """The one list of those that no house of this side has now; database 0 is the tests' own."""
    with redis.Redis.from_url(server) as connection:
        count = int(connection.config_get("databases")["databases"])
    return list(range(1 + _side, count, _sides))


@functools.cache
def keys() -> dict[str, str]:
    """Keys in the environment, as production has them: the first start makes none. The same ones each time."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CREDHUB_MASTER_KEYS": f"test:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }
