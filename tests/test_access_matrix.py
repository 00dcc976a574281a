"""Every address × every member of the cast × GET and POST. What is meant to happen stands in tests/access/.

On PostgreSQL all of it is asked; on SQLite one of those who are to meet the same, others in each run, which takes a
third of the time. `.ci/run` does both.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.access import admin_requests, doors, requests
from tests.access.admin import OPERATIONS, SITE, rows_of
from tests.access.answers import Asker
from tests.access.api import OPERATIONS as OF_API
from tests.access.doors import DOORS
from tests.access.elsewhere import ELSEWHERE
from tests.access.pages import PAGES
from tests.access.routes import all_routes
from tests.access.table import Row
from tests.access.world import World, build
from tests.conftest import make_cast, shared_world

LABELS = sorted(model._meta.label_lower.replace(".", "_") for model in admin.site._registry)
OF_ORGANIZATION = sorted({row.route for row in PAGES})
OF_OBJECTS = [route for route in OF_ORGANIZATION if route not in requests.PLAIN]


@pytest.fixture(scope="module")
def asker(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Asker]:
    """One world serves all of these tests: what a request changes is undone after it."""
    with shared_world(django_db_blocker):
        world = build(make_cast())
        admin_requests.prepare(world)
        yield Asker(world)


@pytest.fixture
def world(asker: Asker, db: None) -> World:
    return asker.world


def differences(asker: Asker, row: Row, address: str, body: dict[str, Any]) -> Iterable[str]:
    """What the members of the cast meet at this address and should not."""
    asked = row.sample() if connection.vendor == "sqlite" else row.expected()
    for (method, member), letter in asked.items():
        answer = asker.ask(member, method, address, body)
        if answer.letter != letter:
            yield f"{member} {method} {address} ({row}): {answer.letter} and not {letter}"
        yield from (f"{member} {method} {address} ({row}) {fault}" for fault in answer.faults)


def test_every_route_is_listed() -> None:
    of_models = {f"admin:{label}_{each}" for label in LABELS for each in OPERATIONS}
    of_models |= {f"admin:{row.route}" for label in LABELS for row in rows_of(label)}
    of_models |= {f"admin/{label.replace('_', '/', 1)}/<path:object_id>/" for label in LABELS}
    listed = {row.route for row in [*PAGES, *DOORS, *SITE]} | {f"api:{row.operation}" for row in OF_API}
    routes = {route.key for route in all_routes()}
    unlisted = sorted(routes - listed - of_models)
    assert not unlisted, (
        f"Nobody has said who may do what at {unlisted}. Add rows to tests/access/pages.py (pages of an organization), "
        "doors.py (everything else), api.py or admin.py, and what they ask to the requests module beside it."
    )
    assert not listed - routes, "Rows of routes that are no more"


@pytest.mark.parametrize("route", OF_ORGANIZATION)
def test_pages_of_an_organization(world: World, asker: Asker, route: str) -> None:
    wrong: list[str] = []
    for row in PAGES:
        if row.route == route:
            slug, held = world.places[row.place]
            for address in requests.addresses(route, slug, held, every=row.place in {"root", "shared"}):
                wrong += differences(asker, row, address, requests.body(route, held))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("route", OF_OBJECTS)
def test_ids_under_an_address_that_is_not_theirs(world: World, asker: Asker, route: str) -> None:
    methods = next(row for row in PAGES if row.route == route)
    rules = {(row.route, row.place): row for row in ELSEWHERE}
    wrong: list[str] = []
    for story, (place, slug, held) in world.elsewhere.items():
        rule = rules.get((route, place)) or rules["*", place]
        get, post = (each if "m" in each else None for each in (methods.get, methods.post))
        row = Row(story, place, get or rule.get, post or rule.post)
        for address in requests.addresses(route, slug, held, every=False):
            wrong += differences(asker, row, address, requests.body(route, held))
    assert not wrong, "\n".join(wrong)


def test_doors(world: World, asker: Asker) -> None:
    wrong: list[str] = []
    for row in DOORS:
        body = doors.body(row.route, row.place)
        wrong += differences(asker, row, doors.address(row.route, row.place, world), body)
    assert not wrong, "\n".join(wrong)


def test_admin_site(world: World, asker: Asker) -> None:
    wrong: list[str] = []
    for row in SITE:
        wrong += differences(asker, row, admin_requests.site_address(row.route, row.place, world), {})
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("label", LABELS)
def test_admin_of_each_model(world: World, asker: Asker, label: str) -> None:
    found = defaultdict(dict, {place: admin_requests.objects(place, held) for place, (_, held) in world.places.items()
                               if place != "everyone"})  # fmt: skip
    assert label in found["root"], f"Tell tests/access/admin_requests.py of an object of {label}"
    wrong: list[str] = []
    for row in rows_of(label):
        operation = row.route.removeprefix(f"{label}_")
        needs_no_object = operation in {"changelist", "add"}
        pk = found["root" if needs_no_object else row.place].get(label)
        if pk is not None:
            address = admin_requests.model_address(label, operation, pk)
            body = admin_requests.model_body(label, operation, row.place, world, pk)
            wrong += differences(asker, row, address, body)
    assert not wrong, "\n".join(wrong)
