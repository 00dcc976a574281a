"""Pages that do not fit together: the same object twice, links to what is not listed, ids that are none."""

import pytest

from appstore.client import resources
from appstore.collections import COLLECTIONS
from appstore.links import Linker
from appstore.mirror import PageCounts, write_page
from appstore.models import AppStoreConnectKey, Certificate, DeveloperTeam, Device, Profile, SyncRun
from appstore.sandbox.model import Resource
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple, apple_ids, sync, work


@pytest.fixture
def team(key: AppStoreConnectKey) -> DeveloperTeam:
    assert key.team is not None
    return key.team


@pytest.fixture
def run(team: DeveloperTeam) -> SyncRun:
    return SyncRun.request_sync(SYSTEM, team, SyncRun.Trigger.SCHEDULE)


def write(run: SyncRun, *found: resources.Device | resources.Profile) -> PageCounts:
    """A page of devices or of profiles, which are linked then."""
    name = "devices" if isinstance(found[0], resources.Device) else "profiles"
    rows = map(COLLECTIONS[name].row, found)
    counts = write_page(run, COLLECTIONS[name], rows, is_first=True).counts
    Linker(run.mirrored_team).link_found([each for each in found if isinstance(each, resources.Profile)])
    return counts


def device(object_id: str, **attributes: object) -> resources.Device:
    return resources.Device.from_json({"id": object_id, "attributes": {"udid": object_id, **attributes}})


def profile(object_id: str, **relations: list[str]) -> resources.Profile:
    data = {name: {"data": [{"id": each} for each in ids]} for name, ids in relations.items()}
    return resources.Profile.from_json({"id": object_id, "attributes": {}, "relationships": data})


def test_the_same_object_twice_in_a_page_is_one_row(run: SyncRun) -> None:
    counts = write(run, device("A", name="first"), device("A", name="last"))
    assert [row.name for row in Device.objects.all()] == ["last"]
    assert (counts.seen, counts.created) == (1, 1)


def test_the_same_object_on_two_pages_is_one_row(run: SyncRun) -> None:
    write(run, device("A"), device("B"))
    second = write(run, device("B"), device("C"))
    assert apple_ids(Device.objects.all()) == {"A", "B", "C"}
    assert (second.created, second.changed) == (1, 0)


def test_ids_differ_by_case(run: SyncRun) -> None:
    write(run, device("abc"), device("ABC"))
    assert Device.objects.count() == 2


def test_lone_surrogates(run: SyncRun) -> None:
    write(run, device("A", name="\ud83d\ude00 \ud800"))
    assert Device.objects.get().name == ""


def test_a_profile_twice_in_a_page(run: SyncRun) -> None:
    write(run, device("A"), device("B"))
    write(run, profile("P", devices=["A"]), profile("P", devices=["B"]))
    assert apple_ids(Profile.objects.get().devices.all()) == {"B"}


def test_links_to_what_is_not_there_are_left_out(run: SyncRun) -> None:
    write(run, device("A"))
    write(run, profile("P", devices=["A", "nowhere", ""], certificates=["nowhere"]))
    row = Profile.objects.get()
    assert apple_ids(row.devices.all()) == {"A"}
    assert not row.certificates.exists()


def test_objects_of_another_team_are_never_linked(run: SyncRun, team: DeveloperTeam) -> None:
    other = DeveloperTeam.objects.create(
        organization=team.organization, issuer_id="other", program=team.program
    )
    write(SyncRun.request_sync(SYSTEM, other, SyncRun.Trigger.SCHEDULE), device("A"))
    write(run, profile("P", devices=["A"]))
    assert not Profile.objects.get().devices.exists()


def test_a_certificate_that_only_the_profile_names_is_linked_once_it_is_listed(
    apple: Apple, key: AppStoreConnectKey
) -> None:
    """A Developer's key lists development certificates alone, and the profiles of all."""
    chosen = apple.ids("certificates")[0]
    hidden: Resource = apple.sandbox._state.collections[apple.team.team_id]["certificates"].pop(chosen)
    work()
    assert Profile.objects.count() == 2
    for row in Profile.objects.all():
        assert apple_ids(row.certificates.all()) == set(apple.ids("certificates"))
    apple.bring_back(hidden)
    sync(key.team)
    assert Certificate.objects.count() == 2
    for row in Profile.objects.all():
        assert apple_ids(row.certificates.all()) == set(apple.ids("certificates")) >= {chosen}


def test_one_device_in_two_spellings_is_still_linked(apple: Apple, key: AppStoreConnectKey) -> None:
    """Apple lists a device in one spelling and writes another into the profile."""
    for each in apple.objects("devices"):
        spelled = each["attributes"]["udid"].replace("-", "").lower()
        apple.sandbox.update(apple.team, "devices", each["id"], udid=spelled)
    work()
    for row in Profile.objects.all():
        assert apple_ids(row.devices.all()) == set(apple.ids("devices"))


@pytest.mark.parametrize("bad", ["", "x" * 101, "a\x00b", " a "])
def test_an_id_that_is_none_stops_the_page_and_not_the_worker(
    apple: Apple, key: AppStoreConnectKey, bad: str
) -> None:
    taken = apple.stored("devices", apple.ids("devices")[0])
    apple.bring_back(Resource("devices", bad, dict(taken.attributes)))
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.SYNC)
    assert (run.state, run.error_code) == ("WAITING", "unexpected-answer")
    assert run.cursor["done"] == ["bundleIds", "certificates"]
    assert not Device.objects.exists()
