"""What Apple does not list any more: missed twice is gone, too much at once is asked, after 30 days it is removed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appstore.models import AppStoreConnectKey, Device, HeldSweep, ObjectChange, Profile
from tests.appstore.apple import Apple, sync, work


@pytest.fixture
def apple(make_apple: object) -> Apple:
    made: Apple = make_apple(devices=20, profiles=1)  # type: ignore[operator]
    return made


@pytest.fixture
def synced(key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    return key


def take_away(apple: Apple, count: int) -> list[str]:
    taken = apple.ids("devices")[:count]
    for each in taken:
        apple.sandbox.remove(apple.team, "devices", each)
    return taken


def held(key: AppStoreConnectKey) -> list[tuple[str, int, int]]:
    return list(HeldSweep.objects.open().filter(team=key.team).values_list("collection", "missing", "total"))


@pytest.mark.parametrize(("count", "is_held"), [(5, False), (6, True), (20, True)])
def test_more_than_is_believable_is_held(
    apple: Apple, synced: AppStoreConnectKey, count: int, is_held: bool
) -> None:
    take_away(apple, count)
    sync(synced.team)
    run = sync(synced.team)
    assert run.state == "SUCCEEDED"
    assert (run.counts["devices"]["gone"], run.counts["devices"]["held"]) == (
        (0, count) if is_held else (count, 0)
    )
    assert held(synced) == ([("devices", count, 20)] if is_held else [])
    assert Device.objects.exclude(gone_at=None).count() == (0 if is_held else count)


def test_everything_is_held_however_little_that_is(apple: Apple, synced: AppStoreConnectKey) -> None:
    apple.sandbox.remove(apple.team, "profiles", apple.ids("profiles")[0])
    for _ in range(2):
        sync(synced.team)
    assert held(synced) == [("profiles", 1, 1)]
    assert Profile.objects.at_apple().count() == 1


def test_a_held_sweep_goes_by_itself_when_the_objects_are_back(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    taken = [apple.stored("devices", each) for each in apple.ids("devices")[:8]]
    take_away(apple, 8)
    for _ in range(3):
        sync(synced.team)
    assert held(synced) == [("devices", 8, 20)]
    for each in taken:
        apple.bring_back(each)
    sync(synced.team)
    assert held(synced) == []
    assert not Device.objects.exclude(missing_generation=None).exists()


def test_after_thirty_days_it_is_removed_and_its_history_stays(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    chosen = take_away(apple, 1)[0]
    for _ in range(2):
        sync(synced.team)
    row = Device.objects.get(apple_id=chosen)
    Device.objects.filter(pk=row.pk).update(gone_at=timezone.now() - timedelta(days=29))
    sync(synced.team)
    assert Device.objects.filter(pk=row.pk).exists()
    Device.objects.filter(pk=row.pk).update(gone_at=timezone.now() - timedelta(days=31))
    sync(synced.team)
    assert not Device.objects.filter(pk=row.pk).exists()
    story = ObjectChange.objects.filter(object_id=row.pk).order_by("created_at")
    assert list(story.values_list("what", flat=True)) == ["GONE", "PURGED"]
