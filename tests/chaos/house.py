"""Everything that runs: PostgreSQL, Redis, Apple, workers and schedulers, on ports and in a folder of their own."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.chaos.apple import Apple
from tests.chaos.clock import Clock
from tests.chaos.database import HARNESS, Database
from tests.chaos.elsewhere import Elsewhere
from tests.chaos.plan import Plan
from tests.chaos.population import Account, populate
from tests.chaos.processes import Process, commands_of_up, sandbox_command, stop_all
from tests.leaks import Place
from tests.process.house import OURS, free_ports, keys
from tests.services.postgres import SURVIVES_A_KILL, Postgres
from tests.services.redis_server import RedisServer

SERVERS = ("DATABASE_URL", "REDIS_URL")  # of the suite, perhaps: here are others


@dataclass
class House:
    environ: dict[str, str]
    folder: Path
    postgres: Postgres
    redis: RedisServer
    database: Database
    clock: Clock
    apple: Apple
    elsewhere: Elsewhere
    accounts: list[Account]
    workers: list[Process]
    schedulers: list[Process]
    snapshots: list[Place]  # of Redis, as it was before each loss
    started: int = 0

    def start_worker(self) -> None:
        self.started += 1
        command = commands_of_up()["worker"]
        worker = Process(f"worker-{self.started}", command, self.environ, self.folder)
        worker.start()
        self.workers.append(worker)

    def look_after(self) -> int:
        """Start anew what ended by itself, as the supervisor of `manage.py up` does. How many that were."""
        ended = [worker for worker in self.workers if not worker.is_alive]
        for worker in ended:
            worker.kill()
            self.workers.remove(worker)
            self.start_worker()
        for scheduler in self.schedulers:
            if not scheduler.is_alive:
                scheduler.kill()
                scheduler.start()
        return len(ended)

    def start_schedulers(self, count: int) -> None:
        for number in range(count):
            scheduler = Process(
                f"scheduler-{number}", commands_of_up()["scheduler"], self.environ, self.folder
            )
            scheduler.start()
            self.schedulers.append(scheduler)

    def look_into_redis(self) -> None:
        """Keep all of its keys and values, to be searched for secrets."""
        with redis.Redis.from_url(self.redis.url) as connection:
            values = [key + b"\0" + (connection.dump(key) or b"") for key in connection.scan_iter()]
        self.snapshots.append((f"Redis, look {len(self.snapshots) + 1}", b"\n".join(values)))

    def stop_product(self) -> None:
        stop_all([*self.schedulers, *self.workers])


@contextmanager
def house(plan: Plan, folder: Path) -> Iterator[House]:
    """PostgreSQL and Redis run, Apple will in a moment; nothing of the product does, and its database is empty."""
    with ExitStack() as after:
        postgres, memory = Postgres(folder, SURVIVES_A_KILL), RedisServer(folder)
        after.callback(postgres.stop)
        postgres.start()
        after.callback(memory.stop)
        memory.start()
        elsewhere = Elsewhere()
        after.callback(elsewhere.shutdown)
        port, _ = free_ports(2)
        accounts = populate(plan, folder / "apple")
        clean = {name: value for name, value in os.environ.items() if not name.startswith((*OURS, *SERVERS))}
        sandbox = Process("apple", sandbox_command(port, folder / "apple"), clean, folder)
        apple = Apple(sandbox, port, folder / "apple")
        after.callback(sandbox.kill)
        sandbox.start()
        environ = {
            **clean,
            **keys(),
            **elsewhere.proxies(apple.url, apple.enterprise_url),
            "DJANGO_SETTINGS_MODULE": "credhub.settings",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PGAPPNAME": HARNESS,
            "CREDHUB_DATA_DIR": str(folder / "data"),
            "DATABASE_URL": postgres.url,
            "REDIS_URL": memory.url,
            "APPSTORE_API_URL": apple.url,
            "APPSTORE_ENTERPRISE_API_URL": apple.enterprise_url,
            # Answers may come later than a lease lasts, and later than anybody waits for them
            "CREDHUB_SYNC_LEASE": str(plan.lease),
            "APPSTORE_READ_TIMEOUT": str(plan.lease * 2),
        }
        (folder / "data").mkdir()
        database = Database(postgres.url)
        made = House(
            environ, folder, postgres, memory, database, Clock(database), apple, elsewhere, accounts, [], [], []
        )  # fmt: skip
        after.callback(lambda: [each.kill() for each in [*made.workers, *made.schedulers]])
        yield made
