"""The Celery tasks: shells around the domain functions. Their names are forever, since messages carry them."""

import uuid

from celery import shared_task

from appstore import announcing, liveness, runs, schedule
from appstore.imports import expiring
from appstore.signing import renewal


@shared_task(name="appstore.run_sync")
def run_sync(run_id: str) -> None:
    try:
        parsed = uuid.UUID(str(run_id))
    except ValueError:
        return  # a forged message: at most it could have rung for a due row
    runs.perform(parsed)


@shared_task(name="appstore.sweep")
def sweep() -> None:
    liveness.ask()
    schedule.sweep()
    expiring.expire()


@shared_task(name="appstore.schedule_due_syncs")
def schedule_due_syncs() -> None:
    schedule.schedule_due_syncs()
    schedule.schedule_due_checks()


@shared_task(name="appstore.renew_signing")
def renew_signing() -> None:
    renewal.renew_what_ends()


@shared_task(name="appstore.announce_expiry")
def announce_expiry() -> None:
    announcing.expiry()
