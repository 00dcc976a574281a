"""A worker that needs no doorbell: it looks for due job rows itself, and does what the clock would do.

For when the broker is away, or for an instance that is to have none. Many may run, beside Celery workers too: a run
belongs to whoever claims it.
"""

import math
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.db import DatabaseError, close_old_connections

from appstore import announcing, liveness, runs, schedule
from appstore.imports import expiring
from appstore.signing import renewal
from organizations import tidying
from organizations.webhooks import sending

IDLE_SECONDS = 1.0
CLOCK_SECONDS = 5.0
HOUR_SECONDS = 3600.0

log = structlog.get_logger(__name__)


class Poller:
    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._stopping = threading.Event()

    def run(self) -> None:
        """Returns after SIGINT or SIGTERM, when what was begun is done."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda *_: self.stop())
        with ThreadPoolExecutor(self._concurrency + 1, thread_name_prefix="job") as pool:
            for _ in range(self._concurrency):
                pool.submit(self._work)
            pool.submit(self._tell_webhooks)
            _safely(tick)
            while not self._stopping.wait(CLOCK_SECONDS):
                _safely(tick)

    def stop(self) -> None:
        self._stopping.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            if not _safely(runs.perform_next):
                self._stopping.wait(IDLE_SECONDS)

    def _tell_webhooks(self) -> None:
        """Beside the jobs and the clock: a receiver may take its time."""
        tended = -math.inf
        while not self._stopping.wait(CLOCK_SECONDS):
            if time.monotonic() - tended > HOUR_SECONDS:
                tended = time.monotonic()
                _safely(tend_webhooks)
            _safely(lambda: bool(sending.send_due()))


def tend_webhooks() -> bool:
    announcing.expiry()
    sending.purge()
    return True


def tick() -> bool:
    """What beat asks for: the due syncs and checks, and what a dead worker left. It rings for nobody."""
    liveness.ask()
    schedule.schedule_due_syncs()
    schedule.schedule_due_checks()
    schedule.take_back()
    tidying.look_after_tokens_hourly()
    expiring.expire()
    renewal.renew_what_ends()
    return True


def _safely(work: Callable[[], bool]) -> bool:
    """A database that is away for a moment ends the try and not the worker."""
    close_old_connections()
    try:
        return work()
    except DatabaseError:
        log.exception("poll_failed")
        return False
    finally:
        close_old_connections()
