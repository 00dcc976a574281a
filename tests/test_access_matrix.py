"""Every address × every member of the cast × GET and POST: tests/access/ holds what is meant to happen."""

from uuid import uuid4

import pytest

from tests.access.answers import ask
from tests.access.pages import PAGES
from tests.access.requests import PLAIN, addresses, body
from tests.access.routes import all_routes
from tests.access.table import MEMBERS, Row
from tests.access.world import World, build
from tests.conftest import Cast


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_pages(world: World, row: Row) -> None:
    slug, held = world.places[row.place]
    wrong = []
    for address in addresses(row.route, slug, held):
        for (method, member), letter in row.expected().items():
            answer = ask(world.cast, member, method, address, body(row.route, held))
            if answer.letter != letter:
                wrong.append(f"{member} {method} {address}: {answer.letter} and not {letter}")
            wrong += [f"{member} {method} {address} {fault}" for fault in answer.faults]
    assert not wrong, "\n".join(wrong)
