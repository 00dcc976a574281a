"""When to ask again, and how long to wait before."""

from secrets import SystemRandom

random = SystemRandom()
TRIES = 5
AGAIN = frozenset({429, 502, 503, 504})
LONGEST = 60.0  # seconds: whoever is told to wait longer is told so


def pause(tried: int, retry_after: str = "") -> float | None:
    """Seconds to wait after this many tries; None: do not ask again."""
    if tried >= TRIES:
        return None
    if retry_after.strip().isdigit():
        told = float(retry_after)
        return told if told <= LONGEST else None
    return min(LONGEST, 2.0 ** (tried - 1)) * random.uniform(0.8, 1.2)
