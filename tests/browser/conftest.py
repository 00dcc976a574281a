"""CredHub in a real browser: a live server, the product's own job code, a local Apple, Debian's Chromium.

One browser serves all of these tests (tests/side_by_side.py).
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from appstore.models import AppStoreConnectKey
from appstore.sandbox.model import IssuedKey, Team
from tests import factories
from tests.browser.apple import HeldSandbox
from tests.browser.page_checks import DESKTOP, PHONE
from tests.browser.tabs import Tabs
from tests.browser.watch import Watch
from tests.browser.worker import Worker
from tests.conftest import Cast
from tests.thoroughness import first_of

# The shell without windows first: it does the same with a third less of the processor
SHELLS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, SHELLS)), None)
PATIENCE = 20_000  # milliseconds; a limit for a loaded machine, nothing waits that long

Visit = Callable[..., Page]


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.browser)
    if CHROMIUM is None:
        item.add_marker(
            pytest.mark.skip(reason="no Chromium here: apt install chromium, or CHROMIUM=<its path>")
        )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; without its own sandbox, which containers do not allow."""
    expect.set_options(timeout=PATIENCE)
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ["--no-sandbox"]}


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def screen(request: pytest.FixtureRequest) -> dict[str, int]:
    size: dict[str, int] = request.param
    return size


@dataclass(frozen=True)
class Device:
    """What somebody has in front of them: the widest of all browsers, and the least."""

    screen: dict[str, int]
    javascript: bool


@pytest.fixture(
    params=first_of([Device(DESKTOP, True), Device(PHONE, False)]),
    ids=["desktop", "phone-without-javascript"],
)
def device(request: pytest.FixtureRequest) -> Device:
    found: Device = request.param
    return found


@pytest.fixture(scope="session")
def running_apple() -> Iterator[tuple[HeldSandbox, Team]]:
    with HeldSandbox(hourly_limit=1_000_000) as sandbox:
        yield sandbox, sandbox.add_team("Acme Inc.", certificates=12, profiles=28, bundle_ids=9, devices=30)


@pytest.fixture
def apple(running_apple: tuple[HeldSandbox, Team], settings: Settings) -> HeldSandbox:
    """CredHub's Apple for this test."""
    sandbox, _team = running_apple
    settings.APPSTORE_API_URL = sandbox.url
    settings.APPSTORE_ENTERPRISE_API_URL = sandbox.enterprise_url
    return sandbox


@pytest.fixture
def issued(apple: HeldSandbox, running_apple: tuple[HeldSandbox, Team]) -> IssuedKey:
    """A key that Apple made a moment ago, with its .p8, as somebody downloads it."""
    return apple.add_key(running_apple[1])


@pytest.fixture(autouse=True)
def doorbell(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """In place of the suite's own: who rings here wakes a worker. It is done before the database is emptied."""
    worker = Worker()
    monkeypatch.setattr("appstore.doorbell.ring", worker.ring)
    yield worker
    worker.stop()


@pytest.fixture
def worker(doorbell: Worker) -> Worker:
    return doorbell


@pytest.fixture(scope="session")
def tabs(browser: Browser, live_server: LiveServer) -> Tabs:
    return Tabs(browser, live_server.url, Watch(live_server.url), PATIENCE)


@pytest.fixture
def visit(live_server: LiveServer, tabs: Tabs, cast: Cast) -> Iterator[Visit]:
    """`visit("sub_a_developer", screen=PHONE)`: a browser for somebody of the cast, signed in but for `anonymous`.

    Fails the test at its end when any page had something to complain of.
    """
    cache.clear()  # sign-in throttling counts there, also between tests
    tabs.watch.problems.clear()

    def open_browser(
        name: str, *, on: Device | None = None, screen: dict[str, int] = DESKTOP, javascript: bool = True
    ) -> Page:
        device = on or Device(screen, javascript)
        page = tabs.take(screen=device.screen, javascript=device.javascript)
        cookies = cast.client(name).cookies.values()
        page.context.add_cookies(
            [{"name": each.key, "value": each.value, "url": live_server.url} for each in cookies]
        )
        return page

    yield open_browser
    tabs.give_all_back()
    assert tabs.watch.problems == []


@pytest.fixture
def synced_key(cast: Cast, issued: IssuedKey, worker: Worker) -> AppStoreConnectKey:
    """A key of the root, checked and synced, shared with nobody."""
    key = factories.make_key(
        cast.root, name="Acme App Store", p8=issued.p8, key_id=issued.key_id, issuer_id=issued.issuer_id
    )
    worker.wait_until_idle()
    return key
