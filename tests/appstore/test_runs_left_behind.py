"""What `make chaos` found: clocks that were set right, and workers that were paused, leave runs behind."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from appstore import schedule
from appstore.models import SyncRun
from appstore.models.run_states import after
from organizations.models import Organization
from tests import factories


def make_run(organization: Organization, key_id: str, **fields: object) -> SyncRun:
    key = factories.make_key(organization, key_id=key_id, issuer_id=f"issuer of {key_id}")
    SyncRun.objects.filter(key=key).update(**fields)
    return SyncRun.objects.get(key=key)


def test_a_run_that_was_rung_by_a_clock_that_was_ahead_is_rung(
    acme: Organization, doorbell: list[object]
) -> None:
    run = make_run(acme, "KEY0000001", doorbell_at=after(5 * 3600))
    doorbell.clear()
    schedule.sweep()
    assert doorbell == [run.pk]


def test_a_lease_longer_than_leases_are_has_ended(acme: Organization) -> None:
    """A worker took it by a clock that was ahead, and died; a living one has its lease renewed with each page."""
    run = make_run(acme, "KEY0000001", state="RUNNING", attempts=1, fence=1, lease_until=after(5 * 3600))
    schedule.sweep()
    run.refresh_from_db()
    assert run.state == "QUEUED"


@pytest.fixture
def locked(acme: Organization) -> Iterator[SyncRun]:
    """The run of a worker that was paused in the middle of a page: its transaction is open, its lease is over."""
    run = make_run(acme, "KEY0000001", state="RUNNING", attempts=1, fence=1, lease_until=after(-1))
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '500ms'")  # 8 s in the product, and as often as it sweeps
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: parameters[name] for name in names if name in parameters}) as other:
        other.execute("SELECT 1 FROM appstore_syncrun WHERE id = %s FOR UPDATE", [run.pk])
        yield run
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows: make test-services")
def test_a_locked_run_does_not_keep_the_others_waiting(
    acme: Organization, locked: SyncRun, doorbell: list[object]
) -> None:
    others = [
        make_run(acme, "KEY0000002"),
        make_run(acme, "KEY0000003", state="RUNNING", attempts=1, fence=1, lease_until=after(-1)),
    ]
    doorbell.clear()
    schedule.sweep()
    assert set(doorbell) == {run.pk for run in others}
