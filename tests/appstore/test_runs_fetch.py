"""A fresh copy of one certificate or profile, with a key that the person chooses, once and for the next time."""

import base64
from collections.abc import Callable
from functools import partial

import pytest
from django.http import HttpResponse
from django.urls import reverse

from appstore import runs
from appstore.models import AppStoreConnectKey, Certificate, KeyPreference, Profile, SyncRun
from appstore.sandbox.model import Kind
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests.appstore.apple import Apple, Wire, apple_ids, work
from tests.conftest import Cast


@pytest.fixture
def keys(cast: Cast, apple: Apple) -> list[AppStoreConnectKey]:
    """Two keys of one team, checked and synced."""
    made = [apple.upload(cast.root, name="First"), apple.upload(cast.root, name="Second")]
    work()
    return made


def profile() -> Profile:
    return Profile.objects.order_by("apple_id")[0]


def fetch(cast: Cast, thing: Certificate | Profile, who: str = "root_owner", **data: str) -> HttpResponse:
    collection = "profiles" if isinstance(thing, Profile) else "certificates"
    url = reverse("fetch-apple-object", args=[cast.root.slug, collection, thing.pk])
    answer: HttpResponse = cast.client(who).post(url, data, follow=True)
    return answer


def shown(cast: Cast, thing: Profile) -> str:
    url = reverse("apple-object", args=[cast.root.slug, "profiles", thing.pk])
    return cast.client("root_owner").get(url).content.decode()


def test_the_fresh_copy_replaces_the_one_that_is_here(
    cast: Cast, apple: Apple, keys: list[AppStoreConnectKey]
) -> None:
    thing = profile()
    remade = apple.add_profile(certificates=apple.ids("certificates")[:1], name="Remade")
    source, target = apple.stored("profiles", remade["id"]), apple.stored("profiles", thing.apple_id)
    target.attributes, target.relationships = source.attributes, source.relationships
    fetch(cast, thing, key=str(keys[1].pk))
    work()
    thing.refresh_from_db()
    assert thing.name == "Remade"
    assert bytes(thing.profile_content or b"") == base64.b64decode(target.attributes["profileContent"])
    assert apple_ids(thing.certificates.all()) == set(apple.ids("certificates")[:1])
    assert Profile.objects.count() == 2  # the other one was not asked for


def test_the_chosen_key_is_used_and_remembered(
    cast: Cast, apple: Apple, keys: list[AppStoreConnectKey]
) -> None:
    thing = profile()
    for chosen, other in (keys, keys[::-1]):
        before = len(apple.requests(chosen)), len(apple.requests(other))
        fetch(cast, thing, key=str(chosen.pk))
        work()
        assert (len(apple.requests(chosen)), len(apple.requests(other))) == (before[0] + 1, before[1])
        assert apple.requests(chosen)[-1].path == f"/v1/profiles/{thing.apple_id}"
        assert KeyPreference.objects.get(user=cast.root_owner).key == chosen
        assert f'value="{chosen.pk}" selected' in shown(cast, thing)


def test_each_person_has_a_preference_of_their_own(cast: Cast, keys: list[AppStoreConnectKey]) -> None:
    for who, key in (("root_owner", keys[0]), ("root_viewer", keys[1])):
        KeyPreference.objects.create(user=getattr(cast, who), team=key.team, key=key)
    fetch(cast, profile(), key=str(keys[1].pk))
    assert KeyPreference.objects.get(user=cast.root_owner).key == keys[1]
    assert KeyPreference.objects.get(user=cast.root_viewer).key == keys[1]
    assert KeyPreference.objects.count() == 2


@pytest.mark.parametrize("chosen", ["", "nonsense", "5f0c9f0e-0000-4000-8000-000000000000"])
def test_with_several_keys_one_must_be_chosen(
    cast: Cast, keys: list[AppStoreConnectKey], chosen: str
) -> None:
    answer = fetch(cast, profile(), key=chosen)
    assert "Choose which key to use." in answer.content.decode()
    assert not SyncRun.objects.filter(kind=SyncRun.Kind.FETCH).exists()
    assert not KeyPreference.objects.exists()


def test_with_one_key_there_is_nothing_to_choose(cast: Cast, apple: Apple) -> None:
    key = apple.upload(cast.root)
    work()
    fetch(cast, Certificate.objects.all()[0])
    run = SyncRun.objects.get(kind=SyncRun.Kind.FETCH)
    assert run.key == key


def test_keys_that_cannot_fetch_are_no_choice(
    cast: Cast, apple: Apple, make_apple: Callable[..., Apple], keys: list[AppStoreConnectKey]
) -> None:
    unfit = [
        apple.upload(cast.root, apple.issue(kind=Kind.INDIVIDUAL), name="Individual"),
        apple.upload(cast.other, name="Of others"),
        make_apple().upload(cast.root, name="Of another team"),
    ]
    archived, refused = keys
    archived.credential.archive(SYSTEM)
    AppStoreConnectKey.objects.filter(pk=refused.pk).update(health="REJECTED")
    for key in [*unfit, archived, refused]:
        fetch(cast, profile(), key=str(key.pk))
    assert not SyncRun.objects.filter(kind=SyncRun.Kind.FETCH).exists()


def test_it_is_recorded(cast: Cast, keys: list[AppStoreConnectKey]) -> None:
    fetch(cast, profile(), key=str(keys[0].pk))
    event = AuditEvent.objects.get(action="asset:fetched")
    assert (event.actor_label, event.facts["with_key"]) == (cast.root_owner.email, keys[0].key_id)


def test_what_apple_does_not_have_any_more_says_so_and_stays(
    cast: Cast, apple: Apple, keys: list[AppStoreConnectKey]
) -> None:
    thing = profile()
    apple.sandbox.remove(apple.team, "profiles", thing.apple_id)
    fetch(cast, thing, key=str(keys[0].pk))
    work()
    run = SyncRun.objects.get(kind=SyncRun.Kind.FETCH)
    assert (run.state, run.error_code) == ("FAILED", "not-found")
    assert "it was deleted, or is another team" in shown(cast, thing)
    assert Profile.objects.filter(pk=thing.pk).exists()


def test_a_target_that_is_gone_here(cast: Cast, keys: list[AppStoreConnectKey]) -> None:
    run = SyncRun.request_fetch(SYSTEM, keys[0], "profiles/5f0c9f0e-0000-4000-8000-000000000000")
    work()
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("FAILED", "not-found")


def test_a_fetch_during_a_sync_does_not_lose_the_object(
    cast: Cast, make_apple: Callable[..., Apple], wire: Wire
) -> None:
    """The sync has read the first page; an object of it is fetched; the sync then marks what it has not seen."""
    key = make_apple(certificates=205, profiles=0, devices=0).upload(cast.root)
    work()
    assert key.team is not None
    run = SyncRun.request_sync(SYSTEM, key.team, trigger=SyncRun.Trigger.SCHEDULE)

    def fetch_now() -> None:
        wire.before = None
        seen = Certificate.objects.all()[0]
        runs.perform(SyncRun.request_fetch(SYSTEM, key, f"certificates/{seen.pk}").pk)

    wire.on("/v1/certificates", fetch_now, nth=2)
    runs.perform(run.pk)
    run.refresh_from_db()
    assert run.state == "SUCCEEDED"
    assert SyncRun.objects.get(kind=SyncRun.Kind.FETCH).state == "SUCCEEDED"
    assert Certificate.objects.at_apple().count() == 205


def test_progress_polls_until_it_is_over(cast: Cast, keys: list[AppStoreConnectKey]) -> None:
    thing = profile()
    url = reverse("fetch-progress", args=[cast.root.slug, "profiles", thing.pk])
    poll = partial(cast.client("root_owner").get, url)
    fetch(cast, thing, key=str(keys[0].pk))
    assert "HX-Refresh" not in poll().headers
    work()
    assert poll().headers["HX-Refresh"] == "true"
