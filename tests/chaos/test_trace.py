"""The triggers on a real database: a page that its owner wrote is good, and what nobody may write is seen."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.db import connection

from appstore.models import AppStoreConnectKey, DeveloperTeam, Device, SyncRun
from organizations.actors import SYSTEM
from tests import factories
from tests.chaos import trace
from tests.chaos.checks import owners, runs
from tests.chaos.database import Database

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="the triggers are PostgreSQL's: make test-services"
    ),
]


@pytest.fixture
def database() -> Iterator[Database]:
    place = connection.settings_dict
    found = Database(
        f"postgres://{quote(place['USER'])}:{quote(place['PASSWORD'])}@{place['HOST']}:{place['PORT']}/{place['NAME']}"
    )
    trace.install(found)
    yield found
    be("")
    found.rows("DROP SCHEMA chaos CASCADE")


@pytest.fixture
def key() -> AppStoreConnectKey:
    return factories.make_key(factories.make_root("Traced"))


@pytest.fixture
def team(key: AppStoreConnectKey) -> DeveloperTeam:
    assert key.team is not None
    return key.team


@pytest.fixture
def run(database: Database, team: DeveloperTeam) -> SyncRun:
    """Claimed by worker-1, which has written a page."""
    be("worker-1")
    run = SyncRun.claim(SyncRun.request_sync(SYSTEM, team, trigger=SyncRun.Trigger.SCHEDULE).pk)
    assert run is not None
    with run.commit():
        Device.objects.create(team=team, apple_id="A1", udid="1", udid_key="1")
    return run


def be(process: str) -> None:
    """Another process, as far as the database sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, false)", [process])


def test_pages_of_the_owner_are_good(database: Database, run: SyncRun) -> None:
    run.succeed()
    events = trace.read(database)
    assert {event.relation for event in events} == {trace.JOBS, "appstore_device"}
    assert [*owners.strange_writes(events), *owners.double_claims(events)] == []
    assert runs.claims(events) == 1


def test_a_row_written_outside_of_a_run(database: Database, run: SyncRun) -> None:
    Device.objects.filter(apple_id="A1").update(name="Changed")
    assert "without holding a run" in next(owners.strange_writes(trace.read(database)))


def test_a_page_of_another_process(database: Database, run: SyncRun) -> None:
    be("worker-2")
    with run.commit():
        Device.objects.filter(apple_id="A1").update(name="Changed")
    assert "which worker-1 had claimed" in next(owners.strange_writes(trace.read(database)))


def test_a_run_that_is_lost(database: Database, run: SyncRun) -> None:
    every = "SELECT * FROM appstore_syncrun"
    assert list(runs.lost_rows(trace.read(database), database.rows(every))) == []
    SyncRun.objects.filter(pk=run.pk).delete()
    lost = list(runs.lost_rows(trace.read(database), database.rows(every)))
    assert lost == [f"run {run.pk} was made and is not there"]
