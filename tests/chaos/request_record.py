"""Every request that Apple got, with the second in which we saw it.

The sandbox remembers requests without times, and not for ever; so it is asked every second.
"""

import threading
import time
from typing import Any

import requests

from tests.chaos.checks.apples_side import Asked

EVERY = 1.0  # seconds
MOST_KEPT = 3000  # there, before it is told to forget


class RequestRecord:
    def __init__(self, url: str) -> None:
        self._url = url
        self._done: list[tuple[float, dict[str, Any]]] = []
        self._current: list[tuple[float, dict[str, Any]]] = []
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self.collect()

    def collect(self) -> None:
        with self._lock:
            try:
                found = requests.get(self._url, timeout=30).json()["requests"]
            except requests.RequestException:
                return  # it restarts in this moment
            now = time.time()
            times = [at for at, _ in self._current]
            # An answer that was still to come may be there by now: what was seen before is taken anew.
            self._current = [
                (times[place] if place < len(times) else now, each) for place, each in enumerate(found)
            ]
            if len(found) > MOST_KEPT:
                requests.delete(self._url, timeout=30)
                self._keep()

    def forget(self) -> None:
        """The sandbox begins a new record."""
        with self._lock:
            self._keep()

    def _keep(self) -> None:
        self._done += self._current
        self._current = []

    def _poll(self) -> None:
        while not self._stopping.wait(EVERY):
            self.collect()

    def asked(self) -> list[Asked]:
        with self._lock:
            return [
                Asked(
                    at, each["method"], each["path"], tuple(sorted(each["query"].items())), each["key_id"],
                    each["status"],
                )
                for at, each in [*self._done, *self._current]
            ]  # fmt: skip
