"""Pages: sizes, cursors, and the addresses that lead from one to the next."""

import base64
import math
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.appstore.test_sandbox_support import World, token

pytest_plugins = ["tests.appstore.test_sandbox_support"]


def walk(world: World, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every page of a list, following links.next and sending nothing with it."""
    pages = [world.get(path, **params).json()]
    while "next" in pages[-1]["links"]:
        address = pages[-1]["links"]["next"]
        assert address.startswith(f"{world.sandbox.url}/v1/")
        pages.append(world.get(address.removeprefix(world.sandbox.url)).json())
    return pages


def cursor(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="session")
def many_devices(running_world: World) -> list[str]:
    return [each["id"] for each in running_world.sandbox.objects(running_world.team, "devices")]


@settings(max_examples=30)
@given(limit=st.integers(1, 200), descending=st.booleans())
def test_every_object_comes_once_whatever_the_page_size(
    running_world: World, many_devices: list[str], limit: int, descending: bool
) -> None:
    pages = walk(running_world, "/v1/devices", limit=limit, sort="-id" if descending else "id")
    found = [each["id"] for page in pages for each in page["data"]]
    assert found == sorted(many_devices, reverse=descending)
    assert len(pages) == math.ceil(len(many_devices) / limit)
    assert {page["meta"]["paging"]["total"] for page in pages} == {len(many_devices)}
    assert {page["meta"]["paging"]["limit"] for page in pages} == {limit}


@settings(max_examples=20)
@given(offset=st.integers(0, 10**9 - 1), limit=st.integers(1, 200))
def test_any_offset_is_a_page_perhaps_an_empty_one(
    running_world: World, many_devices: list[str], offset: int, limit: int
) -> None:
    page = running_world.get("/v1/devices", limit=limit, cursor=cursor(f'{{"offset":"{offset}"}}')).json()
    assert [each["id"] for each in page["data"]] == many_devices[offset : offset + limit]


def test_a_page_has_twenty_objects_unless_asked_otherwise(sandbox_world: World) -> None:
    page = sandbox_world.get("/v1/profiles").json()
    assert len(page["data"]) == page["meta"]["paging"]["limit"] == 20
    query = parse_qs(urlsplit(page["links"]["next"]).query)
    assert base64.b64decode(query["cursor"][0]) == b'{"offset":"20"}'
    assert page["links"]["self"] == f"{sandbox_world.sandbox.url}/v1/profiles"


def test_the_next_page_keeps_every_parameter(sandbox_world: World) -> None:
    params = {"fields[profiles]": "name", "sort": "-name", "filter[profileState]": "ACTIVE", "limit": "7"}
    pages = walk(sandbox_world, "/v1/profiles", **params)
    assert len(pages) > 2
    names = [each["attributes"]["name"] for page in pages for each in page["data"]]
    assert names == sorted(names, reverse=True)
    assert all(set(each["attributes"]) == {"name"} for page in pages for each in page["data"])


def test_related_lists_have_pages_too(sandbox_world: World) -> None:
    profile = max(
        sandbox_world.sandbox.objects(sandbox_world.team, "profiles"),
        key=lambda each: len(each["relationships"]["devices"]["data"]),
    )
    wanted = [each["id"] for each in profile["relationships"]["devices"]["data"]]
    assert len(wanted) > 50
    for path in (
        f"/v1/profiles/{profile['id']}/devices",
        f"/v1/profiles/{profile['id']}/relationships/devices",
    ):
        pages = walk(sandbox_world, path, limit=30)
        assert [each["id"] for page in pages for each in page["data"]] == wanted


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1e2", "", "ten", "2.0", "９"])
def test_page_sizes_out_of_range(sandbox_world: World, limit: str) -> None:
    error = sandbox_world.error(sandbox_world.get("/v1/devices", limit=limit))
    assert error["code"] == "PARAMETER_ERROR.INVALID"
    assert error["title"] == "A parameter has an invalid value"
    assert error["source"] == {"parameter": "limit"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "AAAA",
        "not base64!",
        cursor("{}"),
        cursor("[]"),
        cursor('{"offset":20}'),
        cursor('{"offset":"-1"}'),
    ],
)
def test_cursors_that_are_none(sandbox_world: World, value: str) -> None:
    response = sandbox_world.get("/v1/devices", cursor=value)
    error = sandbox_world.error(response)
    assert (response.status_code, error["code"]) == (400, "PARAMETER_ERROR.INVALID")
    assert error["detail"] == f"'{value}' is not a valid cursor for this request"
    assert error["source"] == {"parameter": "cursor"}


def test_parameters_sent_again_with_the_next_address_are_duplicates(sandbox_world: World) -> None:
    following = sandbox_world.get("/v1/devices", sort="name").json()["links"]["next"]
    target = following.removeprefix(sandbox_world.sandbox.url) + "&sort=name"
    error = sandbox_world.error(sandbox_world.send("GET", target, token(sandbox_world.admin)))
    assert error["code"] == "PARAMETER_ERROR.DUPLICATE"
    assert error["detail"] == "The parameter 'sort' can only be included once"


def test_addresses_lead_to_the_host_that_the_client_used(sandbox_world: World) -> None:
    port = urlsplit(sandbox_world.sandbox.url).port
    response = sandbox_world.http.get(
        f"http://127.0.0.1:{port}/v1/devices",
        headers={"Host": f"apple.test:{port}", "Authorization": f"Bearer {token(sandbox_world.admin)}"},
        timeout=10,
    )
    assert response.json()["links"]["next"].startswith(f"http://apple.test:{port}/v1/devices?")
