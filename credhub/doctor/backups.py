"""Backups: whether there is one, and how old it is."""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from credentials.models import Credential
from credhub.backup import last
from credhub.doctor.finding import Finding, ok, warn

WEEK = dt.timedelta(days=7)
HOW = "Run: manage.py backup"


def last_backup() -> Iterator[Finding]:
    """Nothing is missed where nothing is kept."""
    try:
        found = last.read()
    except (OSError, ValueError):
        yield warn("backups", f"{last.path()} cannot be read, so nobody knows of the last backup. {HOW}")
        return
    if found:
        age = timezone.now() - found.at
        told = f"The last one is {age.days} days old ({found.place})."
        yield warn("backups", f"{told} {HOW}") if age > WEEK else ok("backups", told)
    elif Credential.objects.filter(secret__isnull=False).exists():
        yield warn("backups", f"None was made here. {HOW}")
    else:
        yield ok("backups", "There is nothing to back up yet.")
