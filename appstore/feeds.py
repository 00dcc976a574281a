"""Apple's lists side by side: each is fetched ahead in a thread of its own, and written by the one that asks.

The threads talk HTTP and read what came, and touch no database. Pages wait in a short queue, so that memory does not
grow with the list.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from appstore.client.client import AppStoreConnectClient, ResourcePage
from appstore.client.errors import Unauthorized

AHEAD = 2  # pages of a list that wait to be written; one more waits to be read

Pages = Callable[[AppStoreConnectClient], Iterable[ResourcePage[Any]]]
Read = Callable[[ResourcePage[Any]], Any]


class Feed:
    """One list. Iterating gives what `read` makes of its pages, in order; whatever went wrong on the way is raised
    there."""

    def __init__(self, client: AppStoreConnectClient, pages: Pages, read: Read) -> None:
        self._client, self._pages, self._read = client, pages, read
        self._queue: queue.Queue[Any] = queue.Queue(AHEAD)
        self._fetched: queue.Queue[Any] = queue.Queue(1)
        self._stopped, self._begun = threading.Event(), threading.Event()
        self.error: Exception | None = None
        # Two threads: a page is read while the next one is on its way.
        for each in (self._fetch, self._read_on):
            threading.Thread(target=each, name="feed", daemon=True).start()

    def __iter__(self) -> Iterator[Any]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def begin(self) -> None:
        """Waits for the first page, or for what came in its place (`error`)."""
        self._begun.wait()

    def stop(self) -> None:
        self._stopped.set()

    def _fetch(self) -> None:
        try:
            for page in self._pages(self._client):
                self._begun.set()
                if not self._put(self._fetched, page):
                    return
            self._put(self._fetched, None)
        except Exception as error:  # noqa: BLE001 - raised again where the pages are read
            self.error = error
            self._put(self._fetched, error)
        finally:
            self._begun.set()
            self._client.close()

    def _read_on(self) -> None:
        while not self._stopped.is_set():
            try:
                page = self._fetched.get(timeout=0.2)
            except queue.Empty:
                continue
            is_last = page is None or isinstance(page, Exception)
            try:
                told = page if is_last else self._read(page)
            except Exception as error:  # noqa: BLE001 - raised again where the pages are read
                told, is_last = error, True
            if not self._put(self._queue, told) or is_last:
                return

    def _put(self, where: "queue.Queue[Any]", item: Any) -> bool:
        """False when nobody wants it any more."""
        while not self._stopped.is_set():
            try:
                where.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False


class Feeds:
    """The lists of one sync; leaving the context ends them, wherever they are. `side_by_side=False` fetches each page
    when it is asked for, in the caller's thread."""

    def __init__(self, new_client: Callable[[], AppStoreConnectClient], *, side_by_side: bool) -> None:
        self._new_client, self._side_by_side = new_client, side_by_side
        self._feeds: list[Feed] = []

    def open(self, pages: Pages, read: Read) -> Iterable[Any]:
        """What `read` makes of each page, in a thread beside the one that fetches.

        The first list alone, until its first page is here: a key that is refused is refused once, and not by every
        list. Raises Unauthorized for that.
        """
        if not self._side_by_side:
            return self._one_by_one(pages, read)
        feed = Feed(self._new_client(), pages, read)
        self._feeds.append(feed)
        if len(self._feeds) == 1:
            feed.begin()
            if isinstance(feed.error, Unauthorized):
                raise feed.error
        return feed

    def _one_by_one(self, pages: Pages, read: Read) -> Iterator[Any]:
        with self._new_client() as client:
            yield from map(read, pages(client))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for feed in self._feeds:
            feed.stop()
