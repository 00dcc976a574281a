"""The checks of what Apple saw."""

import base64
from typing import Any

import pytest

from appstore.sandbox.registry import Registry
from tests.chaos.checks import apples_side
from tests.chaos.checks.apples_side import Asked
from tests.chaos.written import at


def asked(second: float, status: int, path: str = "/v1/devices", **query: str) -> Asked:
    return Asked(at(second).timestamp(), "GET", path, tuple(sorted(query.items())), "KEY", status)


@pytest.fixture(scope="module")
def attributes() -> dict[str, list[dict[str, Any]]]:
    registry = Registry(None)
    team = registry.add_team(certificates=3, profiles=4, bundle_ids=3, devices=5)
    names = ("certificates", "profiles", "bundleIds", "devices", "users")
    return {name: [each["attributes"] for each in registry.objects(team, name)] for name in names}


def test_what_is_there_once(attributes: dict[str, list[dict[str, Any]]]) -> None:
    assert list(apples_side.created_twice({"team": attributes})) == []


@pytest.mark.parametrize("collection", ["certificates", "profiles", "bundleIds", "devices"])
def test_what_is_there_twice(attributes: dict[str, list[dict[str, Any]]], collection: str) -> None:
    twice = {**attributes, collection: [*attributes[collection], attributes[collection][0]]}
    (line,) = apples_side.created_twice({"team": twice})
    assert line.endswith("is there 2 times")


def test_a_second_certificate_for_the_same_key(attributes: dict[str, list[dict[str, Any]]]) -> None:
    """Another certificate and another name: it is the key that counts."""
    first = attributes["certificates"][0]
    same = {**first, "name": "Another", "serialNumber": "1", "id": "OTHER"}
    assert base64.b64decode(same["certificateContent"])
    assert list(apples_side.created_twice({"team": {"certificates": [first, same]}}))


def test_three_refusals_in_a_minute_are_enough() -> None:
    three = [asked(second, 401) for second in (0, 1, 2)]
    assert list(apples_side.pressed_while_refused(three)) == []
    assert list(apples_side.pressed_while_refused([*three, asked(61, 401)])) == []
    assert len(list(apples_side.pressed_while_refused([*three, asked(59, 401), asked(59.5, 401)]))) == 1
    # A good answer in between, or hours that went by for the product
    assert list(apples_side.pressed_while_refused([*three, asked(3, 200), asked(4, 401)])) == []
    assert list(apples_side.pressed_while_refused([*three, asked(4, 401)], steps=[at(3).timestamp()])) == []
    assert list(apples_side.pressed_while_refused([*three, asked(4, 401)], steps=[at(5).timestamp()]))


def test_requests_repeated_within_a_run() -> None:
    spans = {"KEY": [(at(0), at(10)), (at(20), at(30))]}
    same = [asked(1, 200), asked(2, 500), asked(3, 200), asked(4, 200, cursor="2"), asked(21, 200)]
    assert apples_side.repeated(same, spans) == 1
