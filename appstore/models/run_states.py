"""What a job row is, in which state, and the database's clock, by which they change."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now


class State(models.TextChoices):
    QUEUED = "QUEUED", "Waiting for a worker"
    RUNNING = "RUNNING", "Running"
    WAITING = "WAITING", "Trying again soon"
    SUCCEEDED = "SUCCEEDED", "Done"
    FAILED = "FAILED", "Failed"
    DEAD = "DEAD", "Gave up"
    CANCELLED = "CANCELLED", "Cancelled"


class Kind(models.TextChoices):
    CHECK = "CHECK", "Check of the key"
    SYNC = "SYNC", "Sync"
    FETCH = "FETCH", "Fresh copy"
    CHANGE = "CHANGE", "Change"
    CANARY = "CANARY", "Proof of life"
    IMPORT = "IMPORT", "Import"


# Runs that ask Apple nothing, and so need no key
WITHOUT_KEY = (Kind.CANARY, Kind.IMPORT)


class Trigger(models.TextChoices):
    UPLOAD = "UPLOAD", "Upload"
    MANUAL = "MANUAL", "By hand"
    SCHEDULE = "SCHEDULE", "Schedule"
    CHANGE = "CHANGE", "After a change"


ACTIVE = (State.QUEUED, State.RUNNING, State.WAITING)


def after(seconds: float) -> "ExpressionWrapper[Any]":
    """That many seconds from now by the database's clock."""
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())
