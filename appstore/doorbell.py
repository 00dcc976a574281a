"""Rings the worker: a message with a run's UUID, sent after the row is committed. Losing one costs nothing,
because the sweeper rings again."""

import uuid

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring(run_id: uuid.UUID) -> None:
    """Raises what the broker raises: a caller that must go on counts the failure."""
    current_app.send_task("appstore.run_sync", args=[str(run_id)], retry=False)


def ring_quietly(run_id: uuid.UUID) -> bool:
    """For those that ring often: a broker that is down is told in the log. Returns whether it rang."""
    try:
        ring(run_id)
    except (OperationalError, OSError) as error:
        log.warning("doorbell_failed", run=str(run_id), error=type(error).__name__)
        return False
    return True


def ring_after_commit(run_id: uuid.UUID) -> None:
    """Robust: a broker that is down costs one sweep interval, and not the caller's request."""
    # A lambda and not a partial: Django logs the failure by the function's name, and would fail for want of one.
    transaction.on_commit(lambda: ring(run_id), robust=True)
