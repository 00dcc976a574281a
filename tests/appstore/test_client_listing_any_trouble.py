"""Lists under any sequence of troubles: no object twice, and never complete with one missing."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from appstore.client.errors import AppStoreConnectError, CursorRefused, ServerError
from appstore.client.listing import Params, listing
from appstore.client.paging import Page
from appstore.client.rate_limit import RateLimit
from tests.appstore.writing import until_trouble

TOO_MUCH, REFUSED = ServerError("x"), CursorRefused("x")


class FakeList:
    """A list of numbers that answers its nth request as `script` says: well, or with an error."""

    def __init__(self, count: int, script: list[AppStoreConnectError | None]) -> None:
        self.ids = [f"id{number:03}" for number in range(count)]
        self.script = iter(script)
        self.asked = 0

    def ask(self, params: Params) -> Page:
        ordered = sorted(self.ids, reverse=params.get("sort") == "-id")
        return self._page(ordered, 0, int(params["limit"]))

    def follow(self, url: str) -> Page:
        offset, limit = url.split("/")
        return self._page(self.ids, int(offset), int(limit))

    def _page(self, ordered: list[str], offset: int, limit: int) -> Page:
        self.asked += 1
        if error := next(self.script, None):
            raise error
        end = offset + limit
        data = [{"id": each} for each in ordered[offset:end]]
        return Page(data, [], f"{end}/{limit}" if end < len(ordered) else None, len(ordered), RateLimit())


@given(
    count=st.integers(0, 450),
    limit=st.sampled_from([20, 50, 100, 200]),
    script=st.lists(st.sampled_from([None, None, TOO_MUCH, REFUSED]), max_size=12),
)
@settings(deadline=None, max_examples=300)
def test_no_trouble_doubles_an_object_or_makes_half_a_list_complete(
    count: int, limit: int, script: list[AppStoreConnectError | None]
) -> None:
    fake = FakeList(count, script)
    pages, error = until_trouble(listing(fake.ask, fake.follow, limit, None, ()))

    found = [item["id"] for page in pages for item in page.data]
    assert len(found) == len(set(found))
    assert [page.complete for page in pages[:-1]] == [False] * len(pages[:-1])
    if error:
        assert not any(page.complete for page in pages)
    else:
        assert sorted(found) == fake.ids
        assert pages[-1].complete
    assert fake.asked <= 4 * (count // 20 + 1) + 2


@given(
    count=st.integers(1, 60),
    size=st.integers(1, 20),
    lost=st.integers(0, 59),
    doubled=st.integers(0, 59),
    totals=st.booleans(),
)
@settings(deadline=None, max_examples=200)
def test_a_page_that_lost_an_object_to_a_double_never_completes(
    count: int, size: int, lost: int, doubled: int, totals: bool
) -> None:
    fake = FakeList(count, [])
    lost, doubled = lost % count, doubled % count
    fake.ids[lost] = fake.ids[doubled]

    def told(page: Page) -> Page:
        return page if totals else replace(page, total=None)

    pages, error = until_trouble(
        listing(lambda params: told(fake.ask(params)), lambda url: told(fake.follow(url)), size, None, ())
    )
    is_complete = error is None and pages[-1].complete
    assert is_complete == (lost == doubled)
