"""Mirroring a team: page by page, HTTP outside transactions, each page committed under the run's fence.

The only writer of Certificate, Profile, BundleId and Device. As few requests as there are pages: files come with the
first sync, later ones ask for facts alone and for the files of what is new. Running it again changes nothing that has
not changed at Apple; a run that was cut off goes on behind the last page that it wrote.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import F, Q

from appstore import flaws
from appstore.client import resources
from appstore.client.client import AppStoreConnectClient, ResourcePage
from appstore.client.errors import CursorRefused, RoleTooWeak
from appstore.collections import COLLECTIONS, Collection
from appstore.feeds import Feeds
from appstore.links import Linker, link_again
from appstore.mirror import PageCounts, stored_without_files, write_page
from appstore.models import AppStoreConnectKey, DeveloperTeam, Profile, SyncPage, SyncRun
from appstore.profile_contents import columns_of, contents_of
from appstore.sweeping import sweep

NewClient = Callable[[], AppStoreConnectClient]


class KeyWithdrawnError(Exception):
    """The key's credential or organization was archived while a sync was using it."""


@dataclass
class SyncResult:
    """`refused`: the collections that the key's role may not read, with Apple's answer in our words."""

    refused: dict[str, str]

    @property
    def note(self) -> str:
        """All that was refused, and what to do about it, once."""
        if len(self.refused) < 2:
            return "".join(self.refused.values())
        labels = ", ".join(each.label for name, each in COLLECTIONS.items() if name in self.refused)
        return f"Not allowed to this key: {labels}. {next(iter(self.refused.values()))}"


def sync_team(run: SyncRun, new_client: NewClient, key: AppStoreConnectKey) -> SyncResult:
    """Mirror every collection, but for those that the key's role may not read.

    `new_client` makes a client for a thread. Raises AppStoreConnectError for anything else that stops it,
    KeyWithdrawnError, and LeaseLostError when the run is somebody else's.
    """
    _begin(run)
    with Feeds(new_client, side_by_side=settings.APPSTORE_LISTS_AT_ONCE > 1) as feeds:
        return _Sync(run, key, feeds).run()


def _begin(run: SyncRun) -> None:
    """A fresh run gets the team's next generation; one that goes on keeps its own."""
    if run.cursor:
        return
    team = run.mirrored_team
    with run.commit():
        type(team).objects.filter(pk=team.pk).update(generation=F("generation") + 1)
        team.refresh_from_db(fields=["generation"])
        run.generation = team.generation
        run.cursor = {"done": [], "refused": {}, "is_first": team.last_synced_at is None}


@dataclass(frozen=True)
class _Page:
    """What Apple told, and the rows of it by Apple's ids."""

    told: ResourcePage[Any]
    rows: dict[str, dict[str, Any]]


def _reader(collection: Collection) -> Callable[[ResourcePage[Any]], _Page]:
    """Where pages are fetched rows are made of them, too: profiles' files are read while others are written."""
    return lambda page: _Page(page, {item.id: collection.row(item) for item in page.items})


@dataclass
class _List:
    """A collection of this run: what came of it so far, and the feed of what is to come."""

    collection: Collection
    feed: Iterable[_Page]
    with_files: bool
    seen: set[str]
    number: int


class _Sync:
    def __init__(self, run: SyncRun, key: AppStoreConnectKey, feeds: Feeds) -> None:
        self._sync, self._key, self._feeds = run, key, feeds
        self._result = SyncResult(run.cursor["refused"])
        self._linker = Linker(run.mirrored_team)  # profiles are the last list: what they link to is there

    def run(self) -> SyncResult:
        run = self._sync
        todo = [
            each
            for each in COLLECTIONS.values()
            if each.name not in run.cursor["done"] and each.name not in run.cursor["refused"]
        ]
        # All lists are fetched side by side; they are written one after the other, as profiles link to the rest.
        # One begins alone (see Feeds): the longest, profiles, which ends last anyway.
        opened = {each.name: self._open(each) for each in todo[::-1]}
        for each in todo:
            try:
                self._read(opened[each.name])
            except CursorRefused:
                self._read(self._open(each, from_start=True))
            except RoleTooWeak as error:
                self._refuse(each, error)
        self._finish()
        return self._result

    def _open(self, collection: Collection, *, from_start: bool = False) -> _List:
        """Behind the last page that was written, if any was."""
        run = self._sync
        pages = list(run.pages.filter(collection=collection.name).order_by("number"))
        if from_start and pages:
            with run.commit():
                run.pages.filter(collection=collection.name).delete()
            pages = []
        files = run.cursor.setdefault("files", {})  # kept, so that a run that was cut off goes on as it began
        with_files = files.setdefault(
            collection.name,
            not collection.file or not stored_without_files(collection, run.mirrored_team).exists(),
        )
        url = pages[-1].next_url if pages else None
        seen = {apple_id for page in pages for apple_id in page.apple_ids}

        def fetch(client: AppStoreConnectClient) -> Iterable[ResourcePage[Any]]:
            if url != "":  # the whole list is here, and only the files of what is new may be missing
                yield from collection.pages(client, url, seen, with_files)

        feed = self._feeds.open(fetch, _reader(collection))
        return _List(collection, feed, with_files, set(seen), len(pages))

    def _read(self, one: _List) -> None:
        """Every page of the list, then the files of what is new, then what is gone."""
        run, name = self._sync, one.collection.name
        if one.number == 0:
            run.counts = {**run.counts, name: PageCounts().as_dict()}
        for page in one.feed:
            self._write(one, page)
        if not one.with_files:
            self._fetch_files(one)
        with run.commit():
            require_key(self._key)
            if run.cursor.get("complete", {}).get(name):  # or it proves nothing of what it does not show
                swept = sweep(run, self._key, one.collection, one.seen)
                run.counts[name] |= {"gone": swept.gone, "held": swept.held}
            run.cursor = {**run.cursor, "done": [*run.cursor["done"], name]}
            run.pages.filter(collection=name).delete()

    def _write(self, one: _List, read: _Page) -> None:
        run, collection, page = self._sync, one.collection, read.told
        items = [item for item in page.items if item.id not in one.seen]
        ids = [item.id for item in items]
        with run.commit():
            require_key(self._key)
            # Without its file an object that is new is only half of one: it is written when the file is here.
            here = items if one.with_files else self._with_file_here(collection, items, read.rows)
            counts = self._put(collection, here, read.rows)
            counts.seen, counts.total = counts.seen + len(items) - len(here), page.total
            run.counts = {**run.counts, collection.name: counts.as_dict()}
            if page.next_url is None:
                run.cursor.setdefault("complete", {})[collection.name] = page.complete
            wanted = run.cursor.setdefault("wanted", {}).setdefault(collection.name, [])
            wanted += set(ids) - {item.id for item in here}
            SyncPage.objects.create(
                run=run,
                collection=collection.name,
                number=one.number,
                apple_ids=ids,
                next_url=page.next_url or "",
            )
        one.seen.update(ids)
        one.number += 1

    def _put(self, collection: Collection, items: list[Any], rows: dict[str, dict[str, Any]]) -> PageCounts:
        run, is_first = self._sync, self._sync.cursor["is_first"]
        more = self._more_of_profiles(items) if collection.model is Profile else {}
        written = write_page(run, collection, [rows[item.id] for item in items], is_first=is_first, **more)
        if collection.model is Profile:
            touched = {row.apple_id for row in [*written.new, *written.changed]}
            told = [one for one in items if one.relationships_told]
            linked = [one for one in told if one.id in touched or not one.profile_content]
            self._linker.link_found(linked, written.new)
        counts = PageCounts(**run.counts[collection.name])
        counts += written.counts
        return counts

    def _more_of_profiles(self, items: list[resources.Profile]) -> dict[str, Any]:
        """For `write_page`: the bundle ID of a new profile, and its flaws."""
        told = {one.id: one for one in items}

        def more(row: dict[str, Any]) -> dict[str, Any]:
            contents = row.get("contents", {})
            bundle = self._linker.bundle_of(told[row["apple_id"]], contents)
            return {
                "bundle_id_id": bundle,
                "flaws": self._comparison.flaws(row["profile_state"], contents, bundle),
            }

        return {"more": more}

    @cached_property
    def _comparison(self) -> flaws.Comparison:
        return flaws.Comparison(self._sync.mirrored_team, self._key)

    def _with_file_here(
        self, collection: Collection, items: list[Any], told: dict[str, dict[str, Any]]
    ) -> list[Any]:
        """Those whose file need not be fetched: it is stored and the same, or Apple has none."""
        rows = stored_without_files(collection, self._sync.mirrored_team)
        rows = rows.filter(apple_id__in=[item.id for item in items]).order_by()
        rows = rows.annotate(has_file=Q(**{f"{collection.file}__isnull": False}))
        have = {
            apple_id: (has_file, version)
            for apple_id, has_file, *version in rows.values_list("apple_id", "has_file", *collection.version)
        }

        def is_here(item: Any) -> bool:
            if item.id not in have:
                return False
            now, (has_file, version) = told[item.id], have[item.id]
            same = all(
                name not in now or value == now[name]
                for name, value in zip(collection.version, version, strict=True)
            )
            return (same and has_file) or not collection.has_file(item)

        return [item for item in items if is_here(item)]

    def _fetch_files(self, one: _List) -> None:
        """Of what is new or another one: as few requests as there are hundreds of them."""
        run, name = self._sync, one.collection.name
        wanted, ask = run.cursor.get("wanted", {}).get(name, []), one.collection.whole
        if not wanted or ask is None:
            return
        for read in self._feeds.open(lambda client: ask(client, wanted), _reader(one.collection)):
            items = [item for item in read.told.items if item.id in one.seen]
            with run.commit():
                require_key(self._key)
                counts = self._put(one.collection, items, read.rows)
                counts.seen -= len(items)  # they were counted with their page
                run.counts = {**run.counts, name: counts.as_dict()}

    def _refuse(self, collection: Collection, error: RoleTooWeak) -> None:
        run = self._sync
        self._result.refused[collection.name] = error.message
        run.counts = {name: count for name, count in run.counts.items() if name != collection.name}
        run.cursor = {**run.cursor, "refused": self._result.refused}
        with run.commit():
            run.pages.filter(collection=collection.name).delete()

    def _finish(self) -> None:
        """What needs all of the lists: links to what came after a profile, and what is wrong with profiles."""
        run, team = self._sync, self._sync.mirrored_team
        counts = run.counts
        profiles = counts.get("profiles")
        if run.cursor["is_first"] and profiles and profiles["created"] == profiles["seen"]:
            return  # each was written whole: all of the other lists were there before
        newcomers = any(counts[name]["created"] for name in counts if name != "profiles")
        differs = any(counts[name][what] for name in counts for what in ("created", "changed", "gone"))
        with run.commit():
            unread = read_unread(team)
            # In a first sync profiles come after everything that they link to.
            if unread or (newcomers and not run.cursor["is_first"]):
                link_again(team)
            if unread or differs:
                flaws.find_flaws(team, self._key)


def require_key(key: AppStoreConnectKey) -> None:
    """Raises KeyWithdrawnError."""
    if not AppStoreConnectKey.objects.live().filter(pk=key.pk).exists():
        raise KeyWithdrawnError


def read_unread(team: DeveloperTeam) -> bool:
    """Files that were stored before there was a place for what they name. Returns whether there were any."""
    unread = Profile.objects.filter(team=team, contents={}, gone_at=None).exclude(profile_content=None)
    rows = list(unread.only("pk", "profile_content"))
    for row in rows:
        for name, value in columns_of(contents_of(bytes(row.profile_content or b""))).items():
            setattr(row, name, value)
    Profile.objects.bulk_update(
        rows, ["contents", "certificates_expire_at", "certificates_last_until"], batch_size=100
    )
    return bool(rows)
