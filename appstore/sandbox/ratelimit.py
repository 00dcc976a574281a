"""Apple's hourly limit per key: a rolling hour, told in a header of every answer."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

HOUR = 3600.0


class RateLimit:
    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._spent: dict[str, deque[float]] = {}
        self._lock = Lock()

    def spend(self, key_id: str) -> int | None:
        """Count one request; how many are left in the hour, or None where this one was too many."""
        with self._lock:
            now = self._clock()
            spent = self._spent.setdefault(key_id, deque())
            while spent and spent[0] <= now - HOUR:
                spent.popleft()
            if len(spent) >= self._limit:
                return None
            spent.append(now)
            return self._limit - len(spent)

    def header(self, remaining: int | None) -> str:
        return f"user-hour-lim:{self._limit};user-hour-rem:{remaining or 0};"
