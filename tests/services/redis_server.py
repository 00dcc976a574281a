"""A private Redis that saves nothing: what it knew is gone with its process."""

import secrets
import shutil
import subprocess
import time
from pathlib import Path

import redis

from tests.services.errors import ServiceMissingError
from tests.services.ports import free_port


class RedisServer:
    """A server on a free port of this machine, which it keeps from start to start."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("redis-server") is None:
            raise ServiceMissingError("Redis is not installed (apt install redis-server). Or set REDIS_URL.")
        password, port = secrets.token_hex(16), free_port()
        self._settings, self._log = folder / "redis.conf", folder / "redis.log"
        self._settings.touch(mode=0o600)
        self._settings.write_text(
            f"requirepass {password}\nbind 127.0.0.1\nport {port}\n"
            f'databases 256\ndir {folder}\nsave ""\nappendonly no\n'
            "rdbcompression no\n"  # what looks for secrets in a dump reads it as it is
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://:{password}@127.0.0.1:{port}/0"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["redis-server", str(self._settings)], stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 15
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ServiceMissingError(f"Redis did not start:\n{self._log.read_text()[-4000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    stop = kill  # it has nothing to put away

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as connection:
                return bool(connection.ping())
        except redis.RedisError:
            return False

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as connection:
            connection.flushall()
