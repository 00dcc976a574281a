"""The sweeper: takes back what a dead worker held, and rings for what is due."""

import pytest
from kombu.exceptions import OperationalError

from appstore import runs, schedule, tasks
from appstore.doorbell import ring
from appstore.models import AppStoreConnectKey, Device, SyncRun
from appstore.models.sync_run import MAX_ATTEMPTS, after
from credhub.celery import app
from organizations.models import Organization
from tests import factories
from tests.appstore.apple import Apple, Wire


def make_run(acme: Organization, **fields: object) -> SyncRun:
    key = factories.make_key(acme)
    SyncRun.objects.filter(key=key).update(**fields)
    return SyncRun.objects.get(key=key)


def test_a_due_run_is_rung_once_in_five_seconds(acme: Organization, doorbell: list[object]) -> None:
    run = make_run(acme)
    doorbell.clear()
    assert schedule.sweep() == 1
    assert doorbell == [run.pk]
    assert schedule.sweep() == 0
    SyncRun.objects.update(doorbell_at=after(-4))
    assert schedule.sweep() == 0
    SyncRun.objects.update(doorbell_at=after(-6))
    assert schedule.sweep() == 1
    assert doorbell == [run.pk, run.pk]


@pytest.mark.parametrize(
    ("fields", "rings"),
    [
        ({"state": "WAITING", "next_run_at": after(-1)}, 1),
        ({"state": "WAITING", "next_run_at": after(60)}, 0),
        ({"state": "QUEUED", "next_run_at": after(60)}, 0),
        ({"state": "RUNNING", "lease_until": after(60)}, 0),
        ({"state": "SUCCEEDED"}, 0),
        ({"state": "FAILED"}, 0),
        ({"state": "DEAD"}, 0),
    ],
)
def test_only_what_is_due_is_rung(acme: Organization, fields: dict[str, object], rings: int) -> None:
    make_run(acme, **fields)
    assert schedule.sweep() == rings


def test_a_run_whose_worker_died_goes_back_into_the_queue(acme: Organization, doorbell: list[object]) -> None:
    run = make_run(acme)
    dead = SyncRun.claim(run.pk)
    assert dead is not None
    assert schedule.sweep() == 0
    SyncRun.objects.update(lease_until=after(-1))
    doorbell.clear()
    assert schedule.sweep() == 1
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("QUEUED", 1)
    assert run.fence == dead.fence + 1  # so that the dead worker, should it live, cannot write
    assert doorbell == [run.pk]
    taken = SyncRun.claim(run.pk)
    assert taken is not None
    assert taken.attempts == 2


def test_what_ends_every_worker_is_not_tried_for_ever(acme: Organization) -> None:
    run = make_run(acme)
    for _ in range(MAX_ATTEMPTS):
        assert SyncRun.claim(run.pk) is not None
        SyncRun.objects.update(lease_until=after(-1), doorbell_at=None)
        schedule.sweep()
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("DEAD", "abandoned")
    assert run.finished_at is not None
    assert schedule.sweep() == 0


def test_a_run_that_was_cut_off_is_finished_by_the_next_worker(
    apple: Apple, key: AppStoreConnectKey, wire: Wire, doorbell: list[object]
) -> None:
    class Killed(BaseException):
        """What no `except Exception` catches, as a kill."""

    def die() -> None:
        raise Killed

    runs.perform(SyncRun.objects.get().pk)
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    wire.on("/v1/devices", die)
    with pytest.raises(Killed):
        runs.perform(run.pk)
    wire.before = None
    SyncRun.objects.filter(pk=run.pk).update(lease_until=after(-1))
    doorbell.clear()
    schedule.sweep()
    assert doorbell == [run.pk]
    runs.perform(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts, run.cursor["done"][0]) == ("SUCCEEDED", 2, "bundleIds")
    assert set(Device.objects.values_list("apple_id", flat=True)) == set(apple.ids("devices"))
    asked = [each for each in apple.requests(key, "/v1/bundleIds") if each.query["limit"] != "1"]
    assert len(asked) == 1  # beside the check's: what was done before the kill is not done again


@pytest.mark.parametrize("error", [OperationalError("redis is away"), ConnectionRefusedError()])
def test_a_broker_that_is_away_costs_one_interval(
    acme: Organization, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for _ in range(3):
        make_run(acme)

    def fail(*_args: object, **_options: object) -> None:
        raise error

    with monkeypatch.context() as away:
        away.setattr("appstore.doorbell.ring", fail)
        assert schedule.sweep() == 0
    SyncRun.objects.update(doorbell_at=after(-6))
    assert schedule.sweep() == 3


def test_the_longest_waiting_is_rung_first(acme: Organization, doorbell: list[object]) -> None:
    made = [make_run(acme, next_run_at=after(-seconds)) for seconds in (10, 30, 20)]
    doorbell.clear()
    schedule.sweep()
    assert doorbell == [made[1].pk, made[2].pk, made[0].pk]


def test_a_message_carries_the_id_of_the_row_and_nothing_else(
    key: AppStoreConnectKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(app, "send_task", lambda *args, **options: sent.append((args, options)))
    run = SyncRun.objects.get()
    ring(run.pk)
    assert sent == [(("appstore.run_sync",), {"args": [str(run.pk)], "retry": False})]


@pytest.mark.parametrize("forged", ["", "nonsense", None, 7, "../../etc/passwd"])
def test_a_forged_message_does_nothing(key: AppStoreConnectKey, apple: Apple, forged: object) -> None:
    tasks.run_sync(forged)  # type: ignore[arg-type]
    assert not apple.requests(key)


def test_the_tasks_have_the_names_that_messages_and_the_clock_use() -> None:
    names = {entry["task"] for entry in app.conf.beat_schedule.values()} | {"appstore.run_sync"}
    app.loader.import_default_modules()
    assert names <= set(app.tasks)


def test_the_task_does_the_run(key: AppStoreConnectKey, apple: Apple) -> None:
    tasks.run_sync(str(SyncRun.objects.get().pk))
    assert SyncRun.objects.get(kind="CHECK").state == "SUCCEEDED"
    assert apple.requests(key)
