"""How many requests Apple still allows a key, and how many of them the background may have.

Apple counts each key over a rolling hour, and over a minute that it does not always tell of. The figures are those of
its last answer; between answers the hour comes back little by little.
https://developer.apple.com/documentation/appstoreconnectapi/identifying-rate-limits
"""

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from appstore.client.rate_limit import RateLimit, parse_rate_limit
from appstore.client.transport import Doubt
from appstore.models import AppStoreConnectKey

HOUR = 3600
RESERVED = 0.2  # of the hour, for what people wait for
MINUTE_LIMIT = 150  # seen in answers; taken where Apple says nothing of the minute
WAIT_AT_LEAST, WAIT_AT_MOST = 60.0, 900.0


class OutOfBudgetError(Exception):
    """The rest of the hour is for others; `seconds` until there may be more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"No request is left for {seconds:.0f} s.")
        self.seconds = seconds


def remaining_now(key: AppStoreConnectKey, now: datetime | None = None) -> int | None:
    """What should be left of the hour by now; None where Apple never said."""
    if key.hour_limit is None or key.hour_remaining is None or key.limits_at is None:
        return None
    passed = max(0.0, ((now or timezone.now()) - key.limits_at).total_seconds())
    return min(key.hour_limit, int(key.hour_remaining + key.hour_limit * passed / HOUR))


def reserve(key: AppStoreConnectKey) -> int:
    return int((key.hour_limit or 0) * RESERVED)


def seconds_until(key: AppStoreConnectKey, *, is_background: bool) -> float:
    """0 while the key may be used; otherwise how long to wait."""
    left = remaining_now(key)
    if left is None:
        return 0
    floor = reserve(key) if is_background else 0
    if left > floor:
        return 0
    # Some way above the floor, or a run would stop again after its first request.
    wanted = floor + (key.hour_limit or 1) * 0.05 - left
    return min(WAIT_AT_MOST, max(WAIT_AT_LEAST, wanted * HOUR / (key.hour_limit or 1)))


@dataclass(frozen=True)
class Shown:
    """For the key's page. `full_at`: when the whole hour is there again, if nothing else is asked."""

    limit: int
    left: int
    reserve: int
    full_at: datetime | None
    paused_until: datetime | None


def shown(key: AppStoreConnectKey) -> Shown | None:
    """None where Apple never told."""
    now = timezone.now()
    left = remaining_now(key, now)
    if left is None or not key.hour_limit:
        return None
    missing = key.hour_limit - left
    full_at = now + timedelta(seconds=HOUR * missing / key.hour_limit) if missing else None
    is_paused = key.paused_until is not None and key.paused_until > now
    return Shown(key.hour_limit, left, reserve(key), full_at, key.paused_until if is_paused else None)


class Budget:
    """The gate of one run's requests (see `Transport`). Thread-safe: its lists are fetched side by side."""

    def __init__(self, key: AppStoreConnectKey, *, is_background: bool) -> None:
        self.requests = 0
        self.doubt = Doubt()
        self.latest: RateLimit | None = None
        self._key = key
        self._is_background = is_background
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def before(self) -> None:
        """Raises OutOfBudgetError; waits out the minute."""
        while True:
            with self._lock:
                if wait := seconds_until(self._key, is_background=self._is_background):
                    raise OutOfBudgetError(wait)
                pause = self._pause()
                if not pause:
                    self._sent.append(time.monotonic())
                    self.requests += 1
                    return
            time.sleep(pause)

    def after(self, rate_limit: str) -> None:
        found = parse_rate_limit([rate_limit])
        with self._lock:
            if found.minute_limit is not None:
                self._key.minute_limit, self._key.minute_remaining = (
                    found.minute_limit,
                    found.minute_remaining,
                )
            if found.hour_limit is not None and found.hour_remaining is not None:
                # Side by side, answers come in any order: the least of a moment is the newest.
                newest = self.latest is None or self.latest.hour_remaining is None
                if newest or found.hour_remaining <= (self._key.hour_remaining or 0):
                    self._key.hour_limit, self._key.hour_remaining = found.hour_limit, found.hour_remaining
                    self._key.limits_at = timezone.now()
                self.latest = found

    def save(self) -> None:
        """Keep the figures on the key, for whoever uses it next."""
        with self._lock:
            fields = ["hour_limit", "hour_remaining", "minute_limit", "minute_remaining", "limits_at"]
            AppStoreConnectKey.objects.filter(pk=self._key.pk).update(
                **{name: getattr(self._key, name) for name in fields}
            )

    def _pause(self) -> float:
        """Seconds until another request fits into the minute."""
        now = time.monotonic()
        while self._sent and self._sent[0] <= now - 60:
            self._sent.popleft()
        limit = self._key.minute_limit or MINUTE_LIMIT
        return self._sent[0] + 60 - now if len(self._sent) >= limit else 0
