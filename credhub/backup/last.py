"""The word that a backup leaves in the data dir: when the last one was, and where it went."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Last:
    at: dt.datetime
    place: str


def path() -> Path:
    return Path(settings.DATA_DIR) / "last-backup"


def leave(created_at: str, place: Path) -> None:
    """`created_at` as the header of the backup has it: ISO 8601 with its zone."""
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path().write_text(f"{created_at} {place.resolve()}\n")


def read() -> Last | None:
    """None where no backup was made. Raises ValueError and OSError for a word that cannot be read."""
    try:
        at, _, place = path().read_text().strip().partition(" ")
    except FileNotFoundError:
        return None
    moment = dt.datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError("It tells no zone.")
    return Last(moment, place)
