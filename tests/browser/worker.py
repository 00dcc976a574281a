"""The worker of the browser tests: the product's own job code, in a thread that the doorbell wakes."""

from queue import Queue
from threading import Event, Thread
from typing import Any

from django.db import connections

from appstore import runs


class Worker:
    """Takes runs as they are rung. While paused it lets them wait, as a worker does that is busy elsewhere."""

    def __init__(self) -> None:
        self._rung: Queue[Any] = Queue()
        self._working = Event()
        self._working.set()
        self._thread = Thread(target=self._work, name="browser-tests-worker")
        self._thread.start()

    def ring(self, run_id: Any) -> None:
        self._rung.put(run_id)

    def pause(self) -> None:
        self._working.clear()

    def resume(self) -> None:
        self._working.set()

    def wait_until_idle(self) -> None:
        """Until all that was rung is done, and all that was rung by doing it."""
        self._rung.join()

    def stop(self) -> None:
        self._working.set()
        self._rung.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (run_id := self._rung.get()) is not None:
            self._working.wait()
            try:
                runs.perform(run_id)
            finally:
                connections.close_all()
                self._rung.task_done()
