"""Whole lists on Apple's bad days: smaller pages, refused cursors, doubles, and lists that only seem to end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from appstore.client.client import AppStoreConnectClient, ResourcePage
from appstore.client.errors import (
    AppStoreConnectError,
    CursorRefused,
    RateLimited,
    ServerError,
    UnexpectedAnswer,
    Unreachable,
)
from appstore.client.resources import Device
from appstore.sandbox.exchange import Request
from appstore.sandbox.server import Sandbox
from tests.appstore.writing import Writer, client_of, until_trouble, writer

pytest_plugins = ["tests.appstore.test_sandbox_support"]

Pages = list[ResourcePage[Device]]


@pytest.fixture
def apple(start_sandbox: Callable[..., Sandbox]) -> Writer:
    return writer(start_sandbox(), devices=250)


@pytest.fixture
def client(apple: Writer) -> Iterator[AppStoreConnectClient]:
    with client_of(apple) as client:
        yield client


def ids(pages: Pages) -> list[str]:
    return [each.id for page in pages for each in page.items]


def asked(apple: Writer) -> list[str]:
    """The limit of each request for devices, with a + where it was for a later page."""

    def spoken(request: Request) -> str:
        return request.query["limit"] + ("+" if "cursor" in request.query else "")

    return [spoken(each) for each in apple.sandbox.requests if each.path == "/v1/devices"]


def read(client: AppStoreConnectClient, **options: Any) -> tuple[Pages, AppStoreConnectError | None]:
    return until_trouble(client.devices(**options))


def test_a_good_list_is_complete_on_its_last_page_alone(apple: Writer, client: AppStoreConnectClient) -> None:
    pages = list(client.devices())

    assert [(len(page.items), page.complete) for page in pages] == [(200, False), (50, True)]
    assert ids(pages) == apple.ids("devices")
    assert asked(apple) == ["200", "200+"]


# --- pages that are too much


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 503}, {"status": 502}, {"kind": "hang", "delay": 3}],
    ids=["500", "503", "502", "timeout"],
)
def test_a_first_page_that_is_too_much_is_asked_for_in_smaller_ones(
    apple: Writer, fault: dict[str, Any]
) -> None:
    apple.sandbox.inject("/v1/devices", times=2, **fault)
    with client_of(apple, read_timeout=1.5) as client:
        pages = list(client.devices())

    assert asked(apple) == ["200", "100", "50", *["50+"] * 4]
    assert ids(pages) == apple.ids("devices")
    assert pages[-1].complete


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(apple: Writer) -> None:
    with client_of(apple, max_bytes=60_000) as client:
        pages = list(client.devices())

    assert asked(apple)[:3] == ["200", "100", "100+"]
    assert ids(pages) == apple.ids("devices")
    assert pages[-1].complete


def test_a_drip_is_too_much_at_the_total_deadline(apple: Writer) -> None:
    apple.sandbox.inject("/v1/devices", kind="drip", delay=0.1)
    with client_of(apple, total_timeout=1.5) as client:
        assert ids(list(client.devices())) == apple.ids("devices")

    assert asked(apple)[:2] == ["200", "100"]


def test_a_later_page_that_is_too_much_starts_the_list_again_without_doubles(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    apple.sandbox.inject("/v1/devices", 500, after=1)
    pages = list(client.devices())

    assert asked(apple) == ["200", "200+", "100", "100+", "100+"]
    assert [len(page.items) for page in pages] == [200, 0, 0, 50]
    assert ids(pages) == apple.ids("devices")
    assert pages[-1].complete


def test_the_smallest_page_is_the_last_attempt(apple: Writer, client: AppStoreConnectClient) -> None:
    apple.sandbox.inject("/v1/devices", 500, times=None)
    pages, error = read(client)

    assert (pages, type(error)) == ([], ServerError)
    assert asked(apple) == ["200", "100", "50", "20"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 429}, RateLimited),
        ({"kind": "cut"}, Unreachable),
        ({"kind": "malformed"}, UnexpectedAnswer),
        ({"kind": "foreign_next"}, UnexpectedAnswer),
    ],
    ids=str,
)
def test_other_troubles_are_not_of_size(
    apple: Writer, client: AppStoreConnectClient, fault: dict[str, Any], kind: type[AppStoreConnectError]
) -> None:
    apple.sandbox.inject("/v1/devices", **fault)
    pages, error = read(client)

    assert (pages, type(error)) == ([], kind)
    assert asked(apple) == ["200"]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_foreign_link_is_not_followed_from_any_page(
    apple: Writer, client: AppStoreConnectClient, index: int
) -> None:
    apple.sandbox.inject("/v1/devices", kind="foreign_next", after=index)
    pages, error = read(client, limit=100)

    assert len(pages) == index
    assert isinstance(error, UnexpectedAnswer)
    assert "outside Apple's API" in error.message


# --- lists that are not complete


@pytest.mark.parametrize("index", [0, 1])
def test_a_list_that_ends_too_early_is_not_complete(
    apple: Writer, client: AppStoreConnectClient, index: int
) -> None:
    apple.sandbox.inject("/v1/devices", kind="missing_next", after=index)
    pages = list(client.devices(limit=100))

    assert [page.complete for page in pages] == [False] * (index + 1)
    assert (pages[-1].next_url, pages[-1].total) == (None, 250)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_objects_that_come_twice_come_once_and_the_list_is_not_complete(
    apple: Writer, client: AppStoreConnectClient, index: int
) -> None:
    apple.sandbox.inject("/v1/devices", kind="duplicate_ids", after=index)
    pages = list(client.devices(limit=100))

    found = ids(pages)
    assert len(found) == len(set(found)) == 249
    assert [page.complete for page in pages] == [False] * 3


def test_a_list_that_shrinks_while_it_is_read_is_not_complete(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    pages = client.devices()
    first = next(pages)
    apple.sandbox.remove(apple.team, "devices", first.items[0].id)  # moves one into the part that was read
    (last,) = pages

    assert len(first.items) + len(last.items) == last.total == 249
    assert not last.complete


def test_going_on_from_a_saved_link_needs_what_was_seen(apple: Writer, client: AppStoreConnectClient) -> None:
    first = next(client.devices())
    assert first.next_url

    (alone,) = client.devices(start_url=first.next_url)
    (known,) = client.devices(start_url=first.next_url, seen=[each.id for each in first.items])
    (partly,) = client.devices(start_url=first.next_url, seen=[each.id for each in first.items[:100]])
    assert (alone.complete, known.complete, partly.complete) == (False, True, False)
    assert alone.items == known.items


def test_a_saved_link_that_is_too_much_is_left_only_where_doubles_can_be_told(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    first = next(client.devices())
    apple.sandbox.requests.clear()
    apple.sandbox.inject("/v1/devices", 500)
    pages, error = read(client, start_url=first.next_url)
    assert (pages, type(error), asked(apple)) == ([], ServerError, ["200+"])

    apple.sandbox.inject("/v1/devices", 500)
    pages = list(client.devices(start_url=first.next_url, seen=[each.id for each in first.items]))
    assert ids([first, *pages]) == apple.ids("devices")
    assert pages[-1].complete


# --- cursors that are refused


def test_a_refused_cursor_is_done_without(apple: Writer, client: AppStoreConnectClient) -> None:
    apple.sandbox.inject("/v1/devices", kind="bad_cursor", after=1)
    pages = list(client.devices())

    queries = [each.query for each in apple.sandbox.requests]
    assert queries[2:] == [{"limit": "200", "sort": "id"}, {"limit": "200", "sort": "-id"}]
    assert [len(page.items) for page in pages] == [200, 50]
    assert sorted(ids(pages)) == sorted(apple.ids("devices"))
    assert (pages[-1].complete, pages[-1].next_url) == (True, None)


def test_one_page_is_enough_for_a_short_list(apple: Writer, client: AppStoreConnectClient) -> None:
    apple.sandbox.inject("/v1/devices", kind="bad_cursor", after=1)
    for each in apple.ids("devices")[150:]:
        apple.sandbox.remove(apple.team, "devices", each)
    pages = list(client.devices(limit=100))

    assert (asked(apple), pages[-1].complete) == (["100", "100+", "200"], True)
    assert sorted(ids(pages)) == sorted(apple.ids("devices"))


def test_a_long_list_needs_its_cursors(apple: Writer, client: AppStoreConnectClient) -> None:
    for number in range(151):
        apple.sandbox.add_device(apple.team, name=f"More {number}")
    apple.sandbox.inject("/v1/devices", kind="bad_cursor", after=1)
    pages, error = read(client)

    assert (len(pages), type(error)) == (1, CursorRefused)
    assert asked(apple) == ["200", "200+"]


def test_a_saved_link_that_is_refused_is_the_callers_to_drop(
    apple: Writer, client: AppStoreConnectClient
) -> None:
    first = next(client.devices())
    apple.sandbox.requests.clear()
    apple.sandbox.inject("/v1/devices", kind="bad_cursor")
    pages, error = read(client, start_url=first.next_url, seen=[each.id for each in first.items])

    assert (pages, type(error), asked(apple)) == ([], CursorRefused, ["200+"])
