"""Real processes: `manage.py up` with its children, on a data dir and ports of their own."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from appstore.sandbox.server import Sandbox
from tests.process.browser import Browser
from tests.process.house import House, house

OWNER = "owner@example.com"


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.process)


@dataclass
class Place:
    """A running CredHub with its first account signed in, and the Apple that it talks to."""

    house: House
    apple: Sandbox
    browser: Browser
    slug: str
    password: str  # of the first account


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Shared by the tests that leave it running, whichever children they kill."""
    with (
        Sandbox(hourly_limit=1_000_000) as apple,
        house(
            tmp_path_factory.mktemp("place"),
            APPSTORE_API_URL=apple.url,
            APPSTORE_ENTERPRISE_API_URL=apple.enterprise_url,
            CREDHUB_SYNC_LEASE="3",  # seconds, so that nobody waits long for what a dead worker held
        ) as running,
    ):
        running.up()
        link = re.search(r"Create the first account: (\S+)", running.log.read_text())
        assert link
        browser = Browser(running.url)
        password = secrets.token_urlsafe(16)
        browser.set_up(link[1], OWNER, password, "Acme")
        yield Place(running, apple, browser, "acme", password)
