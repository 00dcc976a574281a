"""Mirroring a team: page by page, HTTP outside transactions, each page committed under the run's fence.

The only writer of Certificate, Profile, BundleId and Device. Running it again changes nothing that has not
changed at Apple; a run that was cut off goes on at its saved cursor.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from appstore.client import resources
from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import CursorRefused, NotFound, RoleTooWeak
from appstore.client.rate_limit import RateLimit
from appstore.mirror import PageCounts, link_profiles, write_page
from appstore.mirror_rows import bundle_id_row, certificate_row, device_row, profile_row
from appstore.models import AppStoreConnectKey, BundleId, Certificate, DeveloperTeam, Device, Profile, SyncRun
from appstore.models.apple_objects import AppleObject


@dataclass(frozen=True)
class Collection:
    """One of Apple's lists, and how its resources become rows."""

    name: str
    label: str
    model: type[AppleObject]
    pages: Callable[[AppStoreConnectClient, str | None], Iterable[Any]]
    row: Callable[[Any], dict[str, Any]]


# Profiles come last: they link to all the others.
COLLECTIONS: dict[str, Collection] = {
    each.name: each
    for each in (
        Collection(
            "bundleIds", "Bundle IDs", BundleId, lambda c, url: c.bundle_ids(start_url=url), bundle_id_row
        ),
        Collection(
            "certificates",
            "Certificates",
            Certificate,
            lambda c, url: c.certificates(start_url=url),
            certificate_row,
        ),
        Collection("devices", "Devices", Device, lambda c, url: c.devices(start_url=url), device_row),
        Collection("profiles", "Profiles", Profile, lambda c, url: c.profiles(start_url=url), profile_row),
    )
}


class KeyWithdrawnError(Exception):
    """The key's credential or organization was archived while a sync was using it."""


@dataclass
class SyncResult:
    """`refused`: the collections that the key's role may not read, with Apple's answer in our words."""

    refused: dict[str, str]
    rate_limit: RateLimit | None = None


def sync_team(run: SyncRun, client: AppStoreConnectClient, key: AppStoreConnectKey) -> SyncResult:
    """Mirror every collection, but for those that the key's role may not read.

    Raises AppStoreConnectError for anything else that stops it, KeyWithdrawnError, and LeaseLostError when the
    run is somebody else's.
    """
    _begin(run)
    refused: dict[str, str] = dict(run.cursor.get("refused", {}))
    result = SyncResult(refused)
    for collection in COLLECTIONS.values():
        if collection.name in run.cursor["done"] or collection.name in refused:
            continue
        try:
            result.rate_limit = _sync_collection(run, client, key, collection)
        except RoleTooWeak as error:
            refused[collection.name] = error.message
            run.cursor = {**run.cursor, "refused": refused, "next_url": None}
            with run.commit():
                pass
    return result


def _begin(run: SyncRun) -> None:
    """A fresh run gets the team's next generation; one that goes on keeps its own."""
    if run.cursor:
        return
    team = run.team
    if team is None:
        raise ValueError("A sync has a team.")
    with run.commit():
        type(team).objects.filter(pk=team.pk).update(generation=F("generation") + 1)
        team.refresh_from_db(fields=["generation"])
        run.generation = team.generation
        run.cursor = {"done": [], "next_url": None}


def _sync_collection(
    run: SyncRun, client: AppStoreConnectClient, key: AppStoreConnectKey, collection: Collection
) -> RateLimit | None:
    """From the saved place in the list, or from its start where Apple does not know that place any more."""
    try:
        return _sync_from(run.cursor["next_url"], run, client, key, collection)
    except CursorRefused:
        return _sync_from(None, run, client, key, collection)


def _sync_from(
    start_url: str | None,
    run: SyncRun,
    client: AppStoreConnectClient,
    key: AppStoreConnectKey,
    collection: Collection,
) -> RateLimit | None:
    if start_url is None:
        run.counts = {**run.counts, collection.name: PageCounts().as_dict()}
    rate_limit = None
    for page in collection.pages(client, start_url):
        rate_limit = page.rate_limit
        with run.commit():
            if not AppStoreConnectKey.objects.live().filter(pk=key.pk).exists():
                raise KeyWithdrawnError
            counts = PageCounts(**run.counts[collection.name])
            counts += _write(run, collection, page.items)
            counts.total = page.total
            is_last = page.next_url is None
            if is_last:
                counts.gone = _mark_gone(run, key, collection.model)
            run.counts = {**run.counts, collection.name: counts.as_dict()}
            run.cursor = {
                **run.cursor,
                "next_url": page.next_url,
                "done": [*run.cursor["done"], *([collection.name] if is_last else [])],
            }
    return rate_limit


def _write(run: SyncRun, collection: Collection, found: list[Any]) -> PageCounts:
    team = run.team
    if team is None:
        raise ValueError("A sync has a team.")
    rows = [collection.row(resource) for resource in found]
    counts, touched = write_page(collection.model, team, rows, run.generation)
    if collection.model is Profile:
        # A profile's links are in its content, so one that did not change needs no parsing; they can change
        # without it where Apple sends no content, and where what they lead to is listed only since.
        if not _has_newcomers(team):
            found = [one for one in found if one.id in touched or not one.profile_content]
        link_profiles(team, found)
    return counts


def _has_newcomers(team: DeveloperTeam) -> bool:
    """Whether something that profiles link to is here only since the last finished sync."""
    since = team.last_synced_at
    models: list[type[AppleObject]] = [BundleId, Certificate, Device]
    return since is None or any(
        model._default_manager.filter(team=team, first_seen_at__gt=since).exists() for model in models
    )


def _mark_gone(run: SyncRun, key: AppStoreConnectKey, model: type[AppleObject]) -> int:
    """After a complete collection: what Apple no longer lists is marked, and never deleted."""
    rows: QuerySet[Any] = model._default_manager.filter(team=run.team, gone_at=None)
    unseen = rows.filter(seen_generation__lt=run.generation)
    if model is Certificate and key.capabilities.get("users") is not True:
        # Less than an Admin: Apple shows it certificates of some types only, and those of others are not gone.
        seen = rows.filter(seen_generation=run.generation).order_by()
        unseen = unseen.filter(certificate_type__in=list(seen.values_list("certificate_type", flat=True)))
    return unseen.update(gone_at=timezone.now())


def fetch_one(run: SyncRun, client: AppStoreConnectClient) -> None:
    """A fresh copy of the one certificate or profile that the run's target names. Raises NotFound."""
    name, _, row_id = run.target.partition("/")
    collection = COLLECTIONS[name]
    stored = collection.model._default_manager.filter(pk=row_id, team=run.team).first()
    if stored is None:
        raise NotFound("It is not in CredHub any more.", status=404)
    found: resources.Certificate | resources.Profile = (
        client.profile(stored.apple_id) if name == "profiles" else client.certificate(stored.apple_id)
    )
    with run.commit():
        # Of the team's generation: a sync that is under way must not take the object for gone.
        run.generation = type(stored.team).objects.values_list("generation", flat=True).get(pk=stored.team_id)
        run.counts = {name: _write(run, collection, [found]).as_dict()}
