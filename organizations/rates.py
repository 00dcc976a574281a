"""How often something may be done in a minute, counted across processes and without Redis.

A process takes a twentieth of the limit out of the database at a time and spends it from memory: a busy token costs a
write for every thirty requests, and the limit holds exactly. What a process took and did not need is lost until the
minute is over, so that some processes together may stop a little early, and never late.
"""

import threading
import time
from dataclasses import dataclass

from organizations.models import Allowance

WINDOW = 60
PARTS = 20
MOST_NAMES = 10_000


class TooManyError(Exception):
    """Told with 429. `wait` is in seconds; `is_news` the first time that this process finds the minute used up."""

    def __init__(self, limit: int, wait: int, *, is_news: bool = False) -> None:
        super().__init__(f"More than {limit} in a minute. Try again in {wait} s.")
        self.wait, self.is_news = wait, is_news


@dataclass
class _Share:
    """What this process may still spend of a minute; `elsewhere` is what nobody had taken when it was asked for."""

    minute: int
    left: int
    elsewhere: int
    is_told: bool = False


@dataclass(frozen=True)
class Rate:
    """What is left of a limit, for the headers of an answer."""

    limit: int
    left: int
    reset: int


_shares: dict[str, _Share] = {}
_lock = threading.Lock()


def spend(name: str, limit: int, *, here: bool = False) -> Rate:
    """One of the `limit` that `name` has in a minute. Raises TooManyError.

    `here`: of this process alone, without any query: for strangers, where about so many is exact enough.
    """
    now = int(time.time())
    minute, reset = now // WINDOW, WINDOW - now % WINDOW
    with _lock:
        share = _shares.get(name)
        if share and share.minute == minute and share.left:
            share.left -= 1
            return Rate(limit, share.left + share.elsewhere, reset)
        if share and share.minute == minute and not share.elsewhere:
            is_news, share.is_told = not share.is_told, True
            raise TooManyError(limit, reset, is_news=is_news)  # a minute that is used up costs no query
    part = limit if here else max(1, limit // PARTS)
    used = limit if here else Allowance.take(name, minute, limit=limit, count=part)
    with _lock:
        if len(_shares) > MOST_NAMES:
            for old in [each for each, kept in _shares.items() if kept.minute != minute]:
                del _shares[old]
        if len(_shares) > MOST_NAMES:
            _shares.clear()  # all of this minute: what was taken for them is lost, and they take again
        if used is None:
            _shares[name] = _Share(minute, 0, 0, is_told=True)
            raise TooManyError(limit, reset, is_news=True)
        before = _shares.get(name)
        more = before.left if before and before.minute == minute else 0  # another thread took some meanwhile
        share = _shares[name] = _Share(minute, part - 1 + more, max(0, limit - used))
        return Rate(limit, share.left + share.elsewhere, reset)
