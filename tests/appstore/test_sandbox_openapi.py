"""The sandbox against Apple's own documents: every answer validates, every documented parameter is taken.

The documents belong to Apple and are not in this repository; they are looked for beside it.
"""

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema.exceptions import ValidationError
from openapi_schema_validator import OAS30Validator

from appstore.sandbox.model import IssuedKey
from tests.appstore.test_sandbox_support import SHARED, World

pytest_plugins = ["tests.appstore.test_sandbox_support"]
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="Apple's documents are not beside this checkout")

Document = dict[str, Any]
FILES = {"admin": "openapi.provisioning.json", "enterprise": "openapi.enterprise.json"}
LISTS = {
    "admin": ("apps", "bundleIds", "certificates", "devices", "passTypeIds", "profiles", "users"),
    "enterprise": ("bundleIds", "certificates", "devices", "passTypeIds", "profiles", "users"),
}
RELATED = {
    "profiles": ("bundleId", "certificates", "devices"),
    "bundleIds": ("profiles", "bundleIdCapabilities", "app"),
    "users": ("visibleApps",),
}
API_LIST = [(api, name) for api, names in LISTS.items() for name in names]


@cache
def openapi(api: str) -> Document:
    return dict(json.loads((SHARED / FILES[api]).read_text()))


def operation(api: str, path: str, method: str = "get") -> Document:
    return dict(openapi(api)["paths"][path][method])


def errors(
    api: str, path: str, document: Document, method: str = "get", status: int = 200
) -> Iterator[ValidationError]:
    """What the document's schema for this path, and method and status, has against an answer."""
    answer = operation(api, path, method)["responses"][str(status)]
    schema = answer["content"]["application/json"]["schema"]
    yield from OAS30Validator({**schema, "components": openapi(api)["components"]}).iter_errors(document)


def violations(api: str, path: str, document: Document) -> list[str]:
    return [f"{error.json_path}: {error.message[:120]}" for error in errors(api, path, document)]


def documented(answer: Document) -> Document:
    """The answer without the values that the live API sends although its document does not know them.

    Exactly these: the status PROCESSING, the type DISTRIBUTION_MANAGED, and null as the platform of a unified
    certificate and as the content of an invalid profile.
    """
    answer = copy.deepcopy(answer)
    data = answer["data"] if isinstance(answer["data"], list) else [answer["data"]]
    for resource in [*data, *answer.get("included", [])]:
        attributes = resource.get("attributes", {})
        match resource["type"]:
            case "devices" if attributes.get("status") == "PROCESSING":
                attributes["status"] = "ENABLED"
            case "certificates":
                if attributes.get("certificateType") == "DISTRIBUTION_MANAGED":
                    attributes["certificateType"] = "DISTRIBUTION"
                if attributes.get("certificateType") in {"DISTRIBUTION", "DEVELOPMENT"}:
                    assert attributes.pop("platform", None) is None
            case "profiles" if attributes.get("profileState") == "INVALID":
                assert attributes.pop("profileContent", None) is None
    return answer


def get(world: World, api: str, path: str, **params: Any) -> Document:
    key: IssuedKey = getattr(world, api)
    response = world.get(path, key, **params)
    assert response.status_code == 200, response.text
    return dict(response.json())


def owners(world: World, api: str, collection: str) -> list[Document]:
    team = world.team if api == "admin" else world.enterprise_team
    return world.sandbox.objects(team, collection)


@pytest.mark.parametrize(("api", "collection"), API_LIST)
def test_lists_and_single_objects_validate(sandbox_world: World, api: str, collection: str) -> None:
    page = get(sandbox_world, api, f"/v1/{collection}", limit=200)
    assert len(page["data"]) == len(owners(sandbox_world, api, collection))
    assert violations(api, f"/v1/{collection}", documented(page)) == []
    single = f"/v1/{collection}/{{id}}"
    if single in openapi(api)["paths"]:
        for resource in page["data"][:10]:
            document = get(sandbox_world, api, f"/v1/{collection}/{resource['id']}")
            assert violations(api, single, documented(document)) == []


def test_nothing_but_the_known_undocumented_values_is_wrong(sandbox_world: World) -> None:
    found = {
        (collection, error.absolute_path[-1], error.instance)
        for collection in LISTS["admin"]
        for error in errors(
            "admin", f"/v1/{collection}", get(sandbox_world, "admin", f"/v1/{collection}", limit=200)
        )
    }
    assert found == {
        ("certificates", "certificateType", "DISTRIBUTION_MANAGED"),
        ("certificates", "platform", None),
        ("profiles", "profileContent", None),
        ("devices", "status", "PROCESSING"),
    }


def related_paths() -> Iterator[tuple[str, str, str, str]]:
    for api in FILES:
        for collection, names in RELATED.items():
            for name in names:
                for middle in ("", "relationships/"):
                    path = f"/v1/{collection}/{{id}}/{middle}{name}"
                    if SHARED.exists() and path in openapi(api)["paths"]:
                        yield api, path, collection, name


@pytest.mark.parametrize(("api", "path", "collection", "name"), list(related_paths()))
def test_related_answers_validate(
    sandbox_world: World, api: str, path: str, collection: str, name: str
) -> None:
    linked = [
        each
        for each in owners(sandbox_world, api, collection)
        if each["relationships"][name]["data"] is not None
    ]
    for owner in linked[:5]:
        document = get(sandbox_world, api, path.format(id=owner["id"]))
        assert violations(api, path, documented(document)) == []
    assert linked


@pytest.mark.parametrize(("api", "collection"), API_LIST)
def test_answers_with_everything_included_validate(sandbox_world: World, api: str, collection: str) -> None:
    include = [each for name, each in offered(api, collection) if name == "include"]
    if include:
        page = get(sandbox_world, api, f"/v1/{collection}", include=",".join(include), limit=100)
        assert violations(api, f"/v1/{collection}", documented(page)) == []
        assert "included" in page


def offered(api: str, collection: str) -> Iterator[tuple[str, str]]:
    """Every value of every parameter that Apple's document offers for a list, and that is ours to serve."""
    for parameter in operation(api, f"/v1/{collection}")["parameters"]:
        name, schema = parameter["name"], parameter["schema"]
        # An app has a hundred relationships to parts of App Store Connect that are none of ours.
        foreign = collection == "apps" and (name == "include" or "[" in name)
        known = name in {"filter[name]", "filter[bundleId]", "filter[sku]", "filter[id]"}
        if (foreign and not known) or name == "filter[visibleApps]":
            continue
        values = schema.get("items", schema).get("enum", ["1"])
        if name.startswith("fields[apps]"):
            values = ["name", "bundleId", "sku"]
        if name.startswith("fields[bundleIdCapabilities]"):
            values = ["capabilityType", "settings"]
        yield from ((name, value) for value in values)


@pytest.mark.parametrize(("api", "collection"), API_LIST)
def test_every_documented_parameter_is_taken(sandbox_world: World, api: str, collection: str) -> None:
    for name, value in offered(api, collection):
        get(sandbox_world, api, f"/v1/{collection}", **{"limit": 1, name: value})


# Apple's error bodies by name, each with the fault that serves it.
SERVED = {
    "400_invalid_cursor": {"kind": "bad_cursor"},
    "401_not_authorized": {"status": 401},
    "403_role": {"kind": "role"},
    "403_membership_expired": {"kind": "membership"},
    "403_agreement": {"kind": "agreements"},
    "429_rate_limit": {"status": 429},
    "500_unexpected": {"status": 500},
}


@pytest.mark.parametrize("name", SERVED)
def test_errors_are_apples_word_for_word(sandbox_world: World, name: str) -> None:
    samples = {each["name"]: each for each in json.loads((SHARED / "error-samples.json").read_text())}
    sandbox_world.sandbox.inject(**SERVED[name])
    response = sandbox_world.get("/v1/devices")
    (expected,) = samples[name]["body"]["errors"]
    (found,) = response.json()["errors"]
    assert response.status_code == samples[name]["http"]
    assert found.keys() == expected.keys()
    detail = expected["detail"].replace("Team ID: 'ID'", f"Team ID: '{sandbox_world.team.team_id}'")
    assert found | {"id": ""} == expected | {"id": "", "detail": detail}
