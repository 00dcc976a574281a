"""The API's document and its page: whole, with examples that hold, and with nothing from elsewhere."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from pydantic import BaseModel

from organizations.permissions import TOKEN_SCOPES, Permission

SECRET_ANSWERS = {"reveal_credential", "mint_apple_token"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Client().get("/api/v1/openapi.json").content)
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            if "security" in operation:  # the others are open to strangers
                yield method, path, operation


def test_the_document_is_open_and_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_no_two_schemas_have_one_name(document: dict[str, Any]) -> None:
    """The document knows one by its name alone: the second would take the place of the first, unsaid."""
    made = {each for each in _below(BaseModel) if ".api" in each.__module__ and "[" not in each.__name__}
    assert len(made) > 50
    places = [f"{each.__module__}.{each.__qualname__}" for each in made]
    assert len(places) == len(set(places))  # one of each, however often it is imported
    names = Counter(each.__name__ for each in made)
    # Query parameters stand in no schema.
    assert {name for name, count in names.items() if count > 1} <= {"Paging"}


def _below(model: type) -> Iterator[type]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


def test_examples_hold_and_answers_are_told(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        name, told = f"{method} {path}", operation["responses"]
        assert {"401", "403", "429", "503"} <= told.keys(), name
        assert ("{pk}" in path) <= ("404" in told), name
        assert ("requestBody" in operation) <= ({"400", "413", "422"} <= told.keys()), name
        assert operation["x-scope"] in {*TOKEN_SCOPES, Permission.ORGANIZATION_VIEW}, name
        headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
        if method == "get":
            assert ("304" in told) == ("If-None-Match" in headers), name
        else:
            assert ("Idempotency-Key" in headers) == (operation["operationId"] not in SECRET_ANSWERS), name
        good = [answer for status, answer in told.items() if status in {"200", "201", "202"}]
        contents = [
            content
            for each in [*good, operation.get("requestBody", {})]
            for content in each.get("content", {}).values()
        ]
        assert contents, name
        for content in contents:
            if content["schema"].get("format") != "binary":
                schema = {**content["schema"], "components": document["components"]}
                Draft202012Validator(schema).validate(content["example"])


def test_the_page_reads_it_out(document: dict[str, Any], db: None) -> None:
    answer = Client().get("/api/v1/docs")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    for method, path, operation in operations(document):
        assert f"{method.upper()} {path}" in text
        assert f'id="{operation["operationId"]}"' in text
    assert "https://" not in text
    assert "curl --fail-with-body -X POST" in text
