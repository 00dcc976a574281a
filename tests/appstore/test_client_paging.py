"""Lists: every page once, next links only to Apple, and no list without an end."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest

from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import NotFound, UnexpectedAnswer
from appstore.client.paging import MAX_PAGES
from appstore.client.rate_limit import RateLimit
from appstore.client.tokens import TokenMinter

BASE = "https://api.appstoreconnect.apple.com"
LIST = f"{BASE}/v1/devices"
PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)

Answer = tuple[int, dict[str, str], str]


def client(base_url: str = BASE) -> AppStoreConnectClient:
    minter = TokenMinter("2X9R4HXF34", "issuer", PEM, "appstoreconnect-v1", "TEAM")
    return AppStoreConnectClient(base_url, minter)


def document(ids: list[str], next_url: object = None, total: object = None, **more: Any) -> dict[str, Any]:
    links = {"self": LIST} | ({"next": next_url} if next_url is not None else {})
    paging = {"limit": 200} | ({"total": total} if total is not None else {})
    return {
        "data": [{"type": "devices", "id": i} for i in ids],
        "links": links,
        "meta": {"paging": paging},
    } | more


@pytest.fixture
def apple() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def serve(mock: responses.RequestsMock, answer: Callable[[dict[str, list[str]]], dict[str, Any]]) -> None:
    def callback(request: PreparedRequest) -> Answer:
        return 200, {}, json.dumps(answer(parse_qs(urlsplit(str(request.url)).query)))

    mock.add_callback(responses.GET, re.compile(re.escape(LIST)), callback)


def pages_of(ids: list[str], size: int) -> Callable[[dict[str, list[str]]], dict[str, Any]]:
    def answer(query: dict[str, list[str]]) -> dict[str, Any]:
        start = int(query.get("cursor", ["0"])[0])
        end = start + size
        more = f"{LIST}?cursor={end}&limit={size}" if end < len(ids) else None
        return document(ids[start:end], more, len(ids))

    return answer


@given(count=st.integers(0, 60), size=st.integers(1, 20), resume=st.integers(0, 5))
@settings(max_examples=60)
def test_every_object_comes_once_from_the_start_and_from_a_saved_link(
    count: int, size: int, resume: int
) -> None:
    ids = [f"id{n}" for n in range(count)]
    with responses.RequestsMock() as mock, client() as apple_client:
        serve(mock, pages_of(ids, size))
        pages = list(apple_client.pages("/v1/devices", {"limit": size}))

        assert [item["id"] for page in pages for item in page.data] == ids
        assert [page.next_url for page in pages[-1:]] == [None]
        assert len(mock.calls) == max(1, -(-count // size))

        saved = pages[min(resume, len(pages) - 1)].next_url
        if saved:
            rest = [item.id for page in apple_client.devices(start_url=saved) for item in page.items]
            assert rest == ids[(min(resume, len(pages) - 1) + 1) * size :]


def test_a_next_link_is_used_alone(apple: responses.RequestsMock) -> None:
    serve(apple, pages_of(["a", "b"], 1))
    with client() as apple_client:
        list(apple_client.pages("/v1/devices", {"limit": 1, "sort": "id"}))

    assert str(apple.calls[1].request.url).endswith("?cursor=1&limit=1")


def test_pages_are_asked_for_only_when_wanted(apple: responses.RequestsMock) -> None:
    serve(apple, pages_of(["a", "b", "c"], 1))
    with client() as apple_client:
        list(islice(apple_client.pages("/v1/devices"), 1))

    assert len(apple.calls) == 1


def test_a_page_carries_what_apple_says_around_it(apple: responses.RequestsMock) -> None:
    body = document(["a"], total=7, included=[{"type": "x", "id": "1"}, None])
    apple.get(LIST, json=body, headers={"X-Rate-Limit": "user-hour-lim:3600;user-hour-rem:12;"})
    with client() as apple_client:
        page = apple_client.page("/v1/devices")

    assert page.data == body["data"]
    assert page.included == [{"type": "x", "id": "1"}]
    assert (page.next_url, page.total) == (None, 7)
    assert page.rate_limit == RateLimit(3600, 12)


# --- lists that do not end


def test_an_empty_list_ends(apple: responses.RequestsMock) -> None:
    serve(apple, lambda query: document([], total=0))
    with client() as apple_client:
        assert [page.data for page in apple_client.pages("/v1/devices")] == [[]]


def repeated(query: dict[str, list[str]]) -> dict[str, Any]:
    turn = len(query.get("cursor", []))
    return document([f"id{turn}"], f"{LIST}?cursor=1")


def stuck(query: dict[str, list[str]]) -> dict[str, Any]:
    turn = int(query.get("cursor", ["0"])[0])
    return document(["same"], f"{LIST}?cursor={turn + 1}", total=5)


def endless(query: dict[str, list[str]]) -> dict[str, Any]:
    turn = int(query.get("cursor", ["0"])[0])
    return document([f"id{turn}"], f"{LIST}?cursor={turn + 1}")


@pytest.mark.parametrize(("answer", "calls"), [(repeated, 2), (stuck, 2), (endless, MAX_PAGES + 1)])
def test_a_list_that_goes_round_is_given_up(
    apple: responses.RequestsMock, answer: Callable[[dict[str, list[str]]], dict[str, Any]], calls: int
) -> None:
    serve(apple, answer)
    with client() as apple_client, pytest.raises(UnexpectedAnswer, match="does not end"):
        list(apple_client.pages("/v1/devices"))

    assert len(apple.calls) <= calls


def test_a_saved_link_that_leads_to_itself_is_given_up(apple: responses.RequestsMock) -> None:
    serve(apple, repeated)
    with client() as apple_client, pytest.raises(UnexpectedAnswer, match="does not end"):
        list(apple_client.pages("/v1/devices", start_url=f"{LIST}?cursor=1"))

    assert len(apple.calls) == 1


def test_a_needless_next_link_after_the_last_page_is_the_end(apple: responses.RequestsMock) -> None:
    # FACTS E: seen live, a next link although everything was there
    serve(apple, lambda query: document(["a"] if not query else [], f"{LIST}?cursor={len(query)}x", total=1))
    with client() as apple_client:
        pages = list(apple_client.pages("/v1/devices"))

    assert [item["id"] for page in pages for item in page.data] == ["a"]
    assert pages[-1].next_url is None


def test_a_last_page_without_news_is_the_end(apple: responses.RequestsMock) -> None:
    # An object that was created meanwhile pushes a known one onto the last page.
    serve(apple, lambda query: document(["a"], None if query else f"{LIST}?cursor=1", total=3))
    with client() as apple_client:
        assert len(list(apple_client.pages("/v1/devices"))) == 2


# --- next links that lead elsewhere

FOREIGN = [
    "https://evil.example/v1/devices",
    "http://api.appstoreconnect.apple.com/v1/devices",
    "https://api.appstoreconnect.apple.com:8443/v1/devices",
    "https://api.appstoreconnect.apple.com.evil.example/v1/devices",
    "https://api.appstoreconnect.apple.com@evil.example/v1/devices",
    "https://evil.example@api.appstoreconnect.apple.com/v1/devices",
    "https://api.appstoreconnect.apple.com\\@evil.example/v1/devices",
    "https://api.appstoreconnect.apple.com/v2/devices",
    "https://api.appstoreconnect.apple.com/v1",
    "https://api.appstoreconnect.apple.com/v1/../iris/devices",
    "https://api.appstoreconnect.apple.com/v1/%2e%2E/iris",
    "https://api.appstoreconnect.apple.com/v1/..%5ciris",
    "https://api.appstoreconnect.apple.com:port/v1/devices",
    "https://[::1/v1/devices",
    "//api.appstoreconnect.apple.com/v1/devices",
    "/v1/devices?cursor=2",
    "file:///etc/passwd",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", FOREIGN)
def test_a_foreign_next_link_is_refused_on_sight(apple: responses.RequestsMock, url: str) -> None:
    serve(apple, lambda query: document(["a"], url))
    with client() as apple_client, pytest.raises(UnexpectedAnswer, match="outside Apple's API"):
        next(apple_client.pages("/v1/devices"))


@pytest.mark.parametrize("url", [*FOREIGN, ""])
def test_a_foreign_saved_link_is_never_asked(url: str) -> None:
    with responses.RequestsMock(), client() as apple_client, pytest.raises(UnexpectedAnswer):
        apple_client.page("/v1/devices", url=url)


@pytest.mark.parametrize("next_url", [7, "", ["x"], {}])
def test_a_next_link_that_is_no_text_is_none(apple: responses.RequestsMock, next_url: object) -> None:
    serve(apple, lambda query: document(["a"], next_url))
    with client() as apple_client:
        assert apple_client.page("/v1/devices").next_url is None


# --- the lists that are synced


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": None},
        {"data": {}},
        {"data": [1]},
        {"data": [{"type": "devices"}]},
        {"data": [{"id": 7}]},
    ],
)
def test_an_answer_that_is_no_list_is_unexpected(apple: responses.RequestsMock, body: dict[str, Any]) -> None:
    apple.get(LIST, json=body)
    with client() as apple_client, pytest.raises(UnexpectedAnswer, match="not a list"):
        apple_client.page("/v1/devices")


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("certificates", "/v1/certificates", {"limit": ["200"]}),
        (
            "bundle_ids",
            "/v1/bundleIds",
            {
                "limit": ["200"],
                "include": ["bundleIdCapabilities"],
                "fields[bundleIdCapabilities]": ["capabilityType"],
            },
        ),
        ("devices", "/v1/devices", {"limit": ["200"]}),
        (
            "profiles",
            "/v1/profiles",
            {
                "limit": ["200"],
                "include": ["bundleId,certificates,devices"],
                "fields[bundleIds]": ["identifier"],
                "fields[certificates]": ["serialNumber"],
                "fields[devices]": ["udid"],
                "limit[certificates]": ["50"],
                "limit[devices]": ["50"],
            },
        ),
    ],
)
def test_the_synced_lists(
    apple: responses.RequestsMock, method: str, path: str, query: dict[str, list[str]]
) -> None:
    body = {"data": [{"id": "A", "attributes": {"name": "x"}}], "meta": {"paging": {"total": 1}}}
    apple.get(BASE + path, json=body)
    with client() as apple_client:
        (page,) = getattr(apple_client, method)()

    assert [(item.id, item.name) for item in page.items] == [("A", "x")]
    assert (page.next_url, page.total) == (None, 1)
    assert parse_qs(urlsplit(str(apple.calls[0].request.url)).query) == query


def test_one_certificate_and_one_profile(apple: responses.RequestsMock) -> None:
    apple.get(f"{BASE}/v1/certificates/A%2F..%3Fx", json={"data": {"id": "A", "attributes": {}}})
    apple.get(f"{BASE}/v1/profiles/B", json={"data": {"id": "B", "attributes": {"name": "x"}}})
    apple.get(f"{BASE}/v1/profiles/C", json={"data": []})
    apple.get(f"{BASE}/v1/profiles/D", status=404)
    with client() as apple_client:
        assert apple_client.certificate("A/..?x").id == "A"
        assert apple_client.profile("B").name == "x"
        with pytest.raises(UnexpectedAnswer):
            apple_client.profile("C")
        with pytest.raises(NotFound, match="GET /v1/profiles/D"):
            apple_client.profile("D")
