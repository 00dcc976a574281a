"""However often something is asked for, it is done once; asked for while it runs, once more after that."""

from functools import partial

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from appstore import runs
from appstore.models import AppStoreConnectKey, BundleId, Certificate, DeveloperTeam, SyncRun
from organizations.actors import SYSTEM, Actor
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.apple import Apple, Wire, work
from tests.conftest import Cast


@pytest.fixture
def synced(key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    return key


@pytest.fixture
def team(synced: AppStoreConnectKey) -> DeveloperTeam:
    assert synced.team is not None
    return synced.team


def request(team: DeveloperTeam) -> SyncRun:
    return SyncRun.request_sync(SYSTEM, team, trigger=SyncRun.Trigger.SCHEDULE)


def syncs() -> list[tuple[str, bool]]:
    found = SyncRun.objects.filter(kind=SyncRun.Kind.SYNC).order_by("created_at")
    return list(found.values_list("state", "rerun_requested"))


def test_many_requests_are_one_run(team: DeveloperTeam) -> None:
    assert len({request(team).pk for _ in range(5)}) == 1
    assert syncs() == [("SUCCEEDED", False), ("QUEUED", False)]


def test_a_run_that_waits_for_its_time_is_joined_as_well(team: DeveloperTeam) -> None:
    run = request(team)
    SyncRun.objects.filter(pk=run.pk).update(state="WAITING")
    assert request(team).pk == run.pk
    assert syncs()[1:] == [("WAITING", False)]


def test_the_one_in_the_way_may_end_before_it_is_joined(
    team: DeveloperTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And be asked for anew in the same moment: the new one is joined."""
    run, join, looks = request(team), SyncRun._join, []

    def late(job: str) -> SyncRun | None:
        looks.append(job)
        return join(job) if len(looks) > 2 else None

    monkeypatch.setattr(SyncRun, "_join", late)
    assert request(team).pk == run.pk
    assert len(looks) == 3


@pytest.mark.parametrize("times", [1, 4])
def test_requests_while_it_runs_make_one_more_run_after_it(
    team: DeveloperTeam, wire: Wire, times: int
) -> None:
    def ask() -> None:
        for _ in range(times):
            request(team)

    run = request(team)
    wire.on("/v1/devices", ask)
    runs.perform(run.pk)
    assert syncs()[1:] == [("SUCCEEDED", True), ("QUEUED", False)]
    work()
    assert syncs()[1:] == [("SUCCEEDED", True), ("SUCCEEDED", False)]


def test_the_run_after_it_sees_what_has_changed(
    apple: Apple, team: DeveloperTeam, wire: Wire, synced: AppStoreConnectKey
) -> None:
    """The change comes when its page was read already, and with it the request."""

    def change() -> None:
        apple.sandbox.update(apple.team, "bundleIds", apple.ids("bundleIds")[0], name="Renamed")
        request(team)

    run = request(team)
    wire.on("/v1/profiles", change)
    runs.perform(run.pk)
    work()
    assert BundleId.objects.filter(team=team, name="Renamed").exists()


def test_a_run_that_fails_is_run_again_as_well(apple: Apple, team: DeveloperTeam, wire: Wire) -> None:
    apple.sandbox.inject("/v1/devices", kind="agreements")
    run = request(team)
    wire.on("/v1/devices", partial(request, team))
    runs.perform(run.pk)
    assert syncs()[1:] == [("FAILED", True), ("QUEUED", False)]


def test_a_request_while_a_dead_worker_holds_the_run_is_kept(team: DeveloperTeam) -> None:
    run = request(team)
    SyncRun.claim(run.pk)
    request(team)
    SyncRun.objects.filter(pk=run.pk).update(lease_until="2020-01-01T00:00Z")
    work()
    assert syncs()[1:] == [("SUCCEEDED", True), ("SUCCEEDED", False)]


def test_teams_checks_and_fetches_do_not_wait_for_each_other(
    team: DeveloperTeam, synced: AppStoreConnectKey
) -> None:
    other = factories.make_key(factories.make_root("Globex"))
    assert other.team is not None
    first, second = Certificate.objects.all()[:2]
    made = [
        request(team),
        request(other.team),
        SyncRun.request_check(SYSTEM, synced, trigger=SyncRun.Trigger.MANUAL),
        SyncRun.request_fetch(SYSTEM, synced, f"certificates/{first.pk}"),
        SyncRun.request_fetch(SYSTEM, synced, f"certificates/{second.pk}"),
    ]
    assert len({run.pk for run in made}) == 5


def test_asking_by_hand_is_recorded_each_time_with_who_asked(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    assert key.team is not None
    actor: Actor = cast.actor("root_owner")
    for _ in range(2):
        SyncRun.request_sync(actor, key.team, trigger=SyncRun.Trigger.MANUAL, key=key)
    assert SyncRun.objects.filter(kind="SYNC").count() == 1
    events = AuditEvent.objects.filter(action="sync:requested")
    assert [event.actor_label for event in events] == [cast.root_owner.email] * 2


def test_the_bell_rings_after_the_commit_and_each_time(
    team: DeveloperTeam,
    doorbell: list[object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    doorbell.clear()
    with django_capture_on_commit_callbacks(execute=True):
        run = request(team)
        request(team)
        assert doorbell == []
    assert doorbell == [run.pk, run.pk]


def test_a_broker_that_is_down_does_not_fail_the_request(
    team: DeveloperTeam,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def down(_run_id: object) -> None:
        raise OSError("no broker")

    monkeypatch.setattr("appstore.doorbell.ring", down)
    with django_capture_on_commit_callbacks(execute=True):
        run = request(team)
    assert SyncRun.objects.due().filter(pk=run.pk).exists()
