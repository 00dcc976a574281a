"""HTTP outside of transactions, pages committed one by one, and only by the worker that owns the run."""

from collections.abc import Callable
from functools import partial

import pytest

from appstore import runs, schedule
from appstore.models import (
    AppStoreConnectKey,
    BundleId,
    Certificate,
    Device,
    LeaseLostError,
    Profile,
    SyncRun,
)
from appstore.models.sync_run import after
from credentials.models import Status
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.apple import Apple, Wire, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def big(make_apple: Callable[..., Apple]) -> Apple:
    """Two pages of devices."""
    return make_apple(devices=250)


@pytest.fixture
def run(big: Apple) -> SyncRun:
    """A sync that nobody has claimed yet, of a key that was checked."""
    key = big.upload(factories.make_root("Acme"))
    runs.perform(SyncRun.objects.get(kind=SyncRun.Kind.CHECK).pk)
    assert key.team is not None
    return SyncRun.objects.get(kind=SyncRun.Kind.SYNC)


def sizes() -> list[int]:
    return [model._default_manager.count() for model in (BundleId, Certificate, Device, Profile)]


def let_the_lease_end(run: SyncRun) -> None:
    SyncRun.objects.filter(pk=run.pk).update(lease_until=after(-1))


def test_no_request_leaves_inside_a_transaction(big: Apple, wire: Wire) -> None:
    key = big.upload(factories.make_root("Acme"))
    work()
    certificate = Certificate.objects.all()[0]
    SyncRun.request_fetch(SYSTEM, key, f"certificates/{certificate.pk}")
    work()
    assert set(SyncRun.objects.values_list("kind", "state")) == {
        ("CHECK", "SUCCEEDED"),
        ("SYNC", "SUCCEEDED"),
        ("FETCH", "SUCCEEDED"),
    }
    assert len(wire.sent) == 6 + 5 + 1
    assert not [sent.url for sent in wire.sent if sent.in_transaction]


def test_each_page_is_there_for_all_to_see_before_the_next_is_asked_for(run: SyncRun, wire: Wire) -> None:
    seen: list[tuple[list[int], list[str], dict[str, int]]] = []

    def look(_sent: object) -> None:
        now = SyncRun.objects.get(pk=run.pk)
        seen.append((sizes(), now.cursor["done"], {name: n["seen"] for name, n in now.counts.items()}))

    wire.before = look
    runs.perform(run.pk)
    assert [counted for counted, _, _ in seen] == [
        [0, 0, 0, 0],
        [3, 0, 0, 0],
        [3, 2, 0, 0],
        [3, 2, 200, 0],
        [3, 2, 250, 0],
    ]
    assert seen[3][1:] == (
        ["bundleIds", "certificates"],
        {"bundleIds": 3, "certificates": 2, "devices": 200},
    )
    assert sizes() == [3, 2, 250, 2]


def test_each_page_renews_the_lease(run: SyncRun, wire: Wire) -> None:
    leases = []

    def nearly_over(_sent: object) -> None:
        leases.append(SyncRun.objects.get(pk=run.pk).lease_until)
        SyncRun.objects.filter(pk=run.pk).update(lease_until=after(5))

    wire.before = nearly_over
    runs.perform(run.pk)
    assert SyncRun.objects.get(pk=run.pk).state == "SUCCEEDED"
    assert len(leases) == 5
    assert leases == sorted(leases)


def test_a_worker_whose_lease_ended_writes_nothing_more(run: SyncRun, wire: Wire) -> None:
    wire.on("/v1/devices", partial(let_the_lease_end, run), nth=2)
    runs.perform(run.pk)
    assert sizes() == [3, 2, 200, 0]
    left = SyncRun.objects.get(pk=run.pk)
    assert (left.state, left.counts["devices"]["seen"]) == ("RUNNING", 200)
    assert not AuditEvent.objects.filter(action="sync:finished").exists()


def test_a_zombie_cannot_write_while_another_worker_has_the_run(run: SyncRun, wire: Wire) -> None:
    """The run is claimed anew while the first worker waits for Apple; the first one comes back last."""
    zombie = SyncRun.claim(run.pk)
    let_the_lease_end(run)
    owner = SyncRun.claim(run.pk)
    assert zombie is not None
    assert owner is not None
    assert owner.fence == zombie.fence + 1
    writes: list[Callable[[], object]] = [
        partial(_write_a_device, zombie),
        zombie.succeed,
        partial(zombie.fail, "x", "x", transient=False),
        partial(zombie.fail, "x", "x", transient=True),
        partial(zombie.wait, 1, "x", "x"),
    ]
    for write in writes:
        with pytest.raises(LeaseLostError):
            write()
    assert not Device.objects.exists()
    kept = SyncRun.objects.get(pk=run.pk)
    assert (kept.state, kept.fence, kept.error_code) == ("RUNNING", owner.fence, "")
    _write_a_device(owner)
    assert Device.objects.count() == 1


def _write_a_device(run: SyncRun) -> None:
    assert run.team is not None
    with run.commit():
        Device.objects.create(team=run.team, apple_id=f"D{run.fence}")


def test_the_whole_story_of_a_zombie(run: SyncRun, big: Apple, wire: Wire) -> None:
    """While the first worker waits for a page, its lease ends, another one does the whole run."""

    def somebody_else() -> None:
        let_the_lease_end(run)
        schedule.sweep()
        wire.before = None
        runs.perform(run.pk)
        big.sandbox.update(big.team, "devices", big.ids("devices")[0], name="only Apple knows")

    wire.on("/v1/devices", somebody_else)
    runs.perform(run.pk)
    done = SyncRun.objects.get(pk=run.pk)
    assert (done.state, done.attempts) == ("SUCCEEDED", 2)
    assert sizes() == [3, 2, 250, 2]
    assert not Device.objects.filter(name="only Apple knows").exists()
    assert AuditEvent.objects.filter(action="sync:finished").count() == 1


def test_a_zombie_says_nothing_of_the_key(run: SyncRun, big: Apple, wire: Wire) -> None:
    big.sandbox.inject("/v1/devices", status=401, times=None)
    wire.on("/v1/devices", partial(let_the_lease_end, run))
    runs.perform(run.pk)
    key = AppStoreConnectKey.objects.select_related("credential").get()
    assert (key.credential.status, key.health) == (Status.WORKS, "HEALTHY")


def test_a_page_that_breaks_in_the_middle_leaves_nothing_of_itself(
    run: SyncRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appstore.links.Linker.link_found", lambda *_args: 1 / 0)
    runs.perform(run.pk)
    assert sizes() == [3, 2, 250, 0]
    left = SyncRun.objects.get(pk=run.pk)
    assert (left.state, left.cursor["done"]) == ("WAITING", ["bundleIds", "certificates", "devices"])
