"""Rings the worker: a message with a run's UUID, sent after the row is committed. Losing one costs nothing,
because the sweeper rings again."""

import uuid

from celery import current_app


def ring(run_id: uuid.UUID) -> None:
    """Raises what the broker raises; callers ring with `on_commit(robust=True)` or count the failure."""
    current_app.send_task("appstore.run_sync", args=[str(run_id)], retry=False)
