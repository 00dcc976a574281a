"""Every address × every member of the cast × GET and POST. What is meant to happen stands in tests/access/."""

import pytest

from tests.access.answers import Asker
from tests.access.pages import PAGES
from tests.access.requests import addresses, body
from tests.access.table import Row
from tests.access.world import World, build
from tests.conftest import Cast


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_pages(world: World, row: Row) -> None:
    slug, held = world.places[row.place]
    asker = Asker(world.cast)
    wrong = []
    for address in addresses(row.route, slug, held):
        for (method, member), letter in row.expected().items():
            answer = asker.ask(member, method, address, body(row.route, held))
            if answer.letter != letter:
                wrong.append(f"{member} {method} {address}: {answer.letter} and not {letter}")
            wrong += [f"{member} {method} {address} {fault}" for fault in answer.faults]
    assert not wrong, "\n".join(wrong)
