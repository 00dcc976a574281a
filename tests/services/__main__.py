"""`python -m tests.services [pytest's arguments]`: the suite on PostgreSQL and Redis.

On those of DATABASE_URL and REDIS_URL, or on private ones that live as long as the run.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from tests.services.errors import ServiceMissingError
from tests.services.postgres import Postgres
from tests.services.redis_server import RedisServer


def main(arguments: list[str]) -> int:
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _end)
    os.umask(0o077)
    folder = Path(tempfile.mkdtemp(prefix="credhub-services-"))
    environ = dict(os.environ)
    with ExitStack() as after:
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            for name, server in (("DATABASE_URL", Postgres), ("REDIS_URL", RedisServer)):
                if not environ.get(name):
                    started = server(folder)
                    after.callback(started.stop)
                    started.start()
                    environ[name] = started.url
        except ServiceMissingError as error:
            print(f"test-services: {error}", file=sys.stderr)  # noqa: T201
            return 1
        places = [environ[name].rpartition("@")[2] for name in ("DATABASE_URL", "REDIS_URL")]
        print(f"PostgreSQL at {places[0]}, Redis at {places[1]}", flush=True)  # noqa: T201
        return subprocess.call([sys.executable, "-m", "pytest", *arguments], env=environ)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
