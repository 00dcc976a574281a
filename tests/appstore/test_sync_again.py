"""Syncing again writes what has changed at Apple, and nothing else."""

from typing import Any

import pytest

from appstore.models import AppStoreConnectKey, BundleId, Certificate, Device, Profile
from appstore.models.apple_objects import AppleObject
from tests.appstore.apple import Apple, apple_ids, by_apple_id, sync, work

MODELS: dict[str, type[AppleObject]] = {
    "bundleIds": BundleId,
    "certificates": Certificate,
    "devices": Device,
    "profiles": Profile,
}


@pytest.fixture
def synced(key: AppStoreConnectKey) -> AppStoreConnectKey:
    work()
    return key


def everything(key: AppStoreConnectKey) -> dict[str, list[dict[str, Any]]]:
    """All values of all mirrored rows and links."""
    rows = {
        name: list(model._default_manager.filter(team=key.team).order_by("pk").values())
        for name, model in MODELS.items()
    }
    links = (Profile.certificates.through, Profile.devices.through)
    return rows | {through.__name__: list(through.objects.order_by("pk").values()) for through in links}


def test_nothing_changes_where_nothing_changed(synced: AppStoreConnectKey) -> None:
    before = everything(synced)
    run = sync(synced.team)
    assert run.state == "SUCCEEDED"
    assert everything(synced) == before
    assert {(count["created"], count["changed"], count["gone"]) for count in run.counts.values()} == {
        (0, 0, 0)
    }
    assert all(count["seen"] for count in run.counts.values())


def test_generations_count_up(synced: AppStoreConnectKey) -> None:
    first = sync(synced.team).generation
    assert sync(synced.team).generation == first + 1


def test_a_changed_object_changes_its_row_alone(apple: Apple, synced: AppStoreConnectKey) -> None:
    before = by_apple_id(Device, synced.team)
    chosen = apple.ids("devices")[1]
    apple.sandbox.update(apple.team, "devices", chosen, name="Renamed", status="DISABLED")
    run = sync(synced.team)
    after = by_apple_id(Device, synced.team)
    assert (after[chosen].name, after[chosen].status) == ("Renamed", "DISABLED")
    assert after[chosen].pk == before[chosen].pk
    assert after[chosen].first_seen_at == before[chosen].first_seen_at
    assert after[chosen].changed_at > before[chosen].changed_at
    others = before.keys() - {chosen}
    assert [after[each].changed_at for each in others] == [before[each].changed_at for each in others]
    assert run.counts["devices"]["changed"] == 1


@pytest.mark.parametrize("name", list(MODELS))
def test_new_objects_come_in(apple: Apple, synced: AppStoreConnectKey, name: str) -> None:
    made = {
        "bundleIds": lambda: apple.sandbox.add_bundle_id(apple.team, "com.example.new"),
        "certificates": apple.add_certificate,
        "devices": lambda: apple.sandbox.add_device(apple.team),
        "profiles": apple.add_profile,
    }[name]()
    run = sync(synced.team)
    assert run.counts[name]["created"] == 1
    assert by_apple_id(MODELS[name], synced.team).keys() == set(apple.ids(name))
    assert made["id"] in apple.ids(name)


@pytest.mark.parametrize("name", list(MODELS))
def test_an_object_gone_at_apple_is_marked_and_kept(
    apple: Apple, synced: AppStoreConnectKey, name: str
) -> None:
    model, chosen = MODELS[name], apple.ids(name)[-1]
    apple.sandbox.remove(apple.team, name, chosen)
    # Once is no proof: a list may end early and look whole.
    first = sync(synced.team)
    missed = by_apple_id(model, synced.team)[chosen]
    assert (missed.gone_at, missed.missing_generation) == (None, first.generation)
    assert first.counts[name]["gone"] == 0
    run = sync(synced.team)
    rows = by_apple_id(model, synced.team)
    assert rows[chosen].gone_at is not None
    assert {each for each, row in rows.items() if row.gone_at is None} == set(apple.ids(name))
    assert run.counts[name]["gone"] == 1
    # Later syncs leave the moment of it as it is.
    assert sync(synced.team).counts[name]["gone"] == 0
    assert by_apple_id(model, synced.team)[chosen].gone_at == rows[chosen].gone_at


@pytest.mark.parametrize("name", list(MODELS))
def test_an_object_that_comes_back_is_the_same_row(
    apple: Apple, synced: AppStoreConnectKey, name: str
) -> None:
    model, chosen = MODELS[name], apple.ids(name)[-1]
    before = by_apple_id(model, synced.team)[chosen]
    taken = apple.stored(name, chosen)
    for times in (1, 2):
        apple.sandbox.remove(apple.team, name, chosen)
        for _ in range(times):
            sync(synced.team)
        assert (by_apple_id(model, synced.team)[chosen].gone_at is None) == (times == 1)
        apple.bring_back(taken)
        run = sync(synced.team)
        after = by_apple_id(model, synced.team)[chosen]
        assert (after.pk, after.gone_at, after.missing_generation) == (before.pk, None, None)
        assert run.counts[name]["created"] == 0


def test_a_profile_that_turns_invalid_keeps_the_copy_that_we_have(
    apple: Apple, synced: AppStoreConnectKey
) -> None:
    before = by_apple_id(Profile, synced.team)
    gone, left = apple.ids("certificates")
    links = {each: apple_ids(row.certificates.all()) for each, row in before.items()}
    apple.sandbox.remove(apple.team, "certificates", gone)  # as with Apple, its profiles become invalid
    sync(synced.team)
    for each, row in by_apple_id(Profile, synced.team).items():
        assert row.profile_state == "INVALID"
        assert bytes(row.profile_content) == bytes(before[each].profile_content)
        # It is in the profile all the same: that is what is wrong with it.
        assert apple_ids(row.certificates.all()) == links[each] == {gone, left}


def test_links_follow_the_profile(apple: Apple, synced: AppStoreConnectKey) -> None:
    chosen = apple.ids("profiles")[0]
    newcomer = apple.add_certificate()["id"]
    other_bundle = apple.ids("bundleIds")[1]
    kept = apple.ids("devices")[:1]
    remade = apple.add_profile(certificates=[newcomer], devices=kept, bundle_id=other_bundle)
    # Apple edits a profile by giving the same id another content.
    new, old = apple.stored("profiles", remade["id"]), apple.stored("profiles", chosen)
    old.attributes, old.relationships = new.attributes, new.relationships
    sync(synced.team)
    row = Profile.objects.get(team=synced.team, apple_id=chosen)
    assert apple_ids(row.certificates.all()) == {newcomer}
    assert apple_ids(row.devices.all()) == set(kept)
    assert row.bundle_id is not None
    assert row.bundle_id.apple_id == other_bundle
    untouched = Profile.objects.get(team=synced.team, apple_id=apple.ids("profiles")[1])
    assert apple_ids(untouched.devices.all()) == set(apple.ids("devices"))


def test_another_team_of_the_organization_is_left_alone(
    apple: Apple, synced: AppStoreConnectKey, make_apple: Any
) -> None:
    other = make_apple()
    neighbour = other.upload(synced.credential.organization)
    work()
    before = everything(neighbour)
    apple.sandbox.remove(apple.team, "devices", apple.ids("devices")[0])
    sync(synced.team)
    assert everything(neighbour) == before
    assert Device.objects.filter(team=neighbour.team, gone_at=None).count() == 4
