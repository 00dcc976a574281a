"""One `up` a data dir, and no restore under a running one: they would fight over the database and the broker."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import CommandError


@contextmanager
def alone(otherwise: str) -> Iterator[None]:
    """The data dir's lock, for as long as the context. Raises CommandError, which ends in `otherwise`."""
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.DATA_DIR / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"CredHub is running with the data dir {settings.DATA_DIR} already. {otherwise}"
            ) from None
        yield
