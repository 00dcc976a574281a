"""Backups: whether there is one, and how old it is. `manage.py backup` leaves word in the data dir."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from credentials.models import Credential
from credhub.doctor.finding import Finding, ok, warn

WEEK = dt.timedelta(days=7)
HOW = "Run: manage.py backup"


def last_backup() -> Iterator[Finding]:
    """Nothing is missed where nothing is kept."""
    word: Path = settings.DATA_DIR / "last-backup"
    try:
        made, _, where = word.read_text().strip().partition(" ")
        age = timezone.now() - dt.datetime.fromisoformat(made)
    except FileNotFoundError:
        if Credential.objects.filter(secret__isnull=False).exists():
            yield warn("backups", f"None was made here. {HOW}")
        else:
            yield ok("backups", "There is nothing to back up yet.")
    except (OSError, ValueError, TypeError):
        yield warn("backups", f"{word} cannot be read, so nobody knows of the last backup. {HOW}")
    else:
        told = f"The last one is {age.days} days old ({where})."
        yield warn("backups", f"{told} {HOW}") if age > WEEK else ok("backups", told)
