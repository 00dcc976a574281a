"""The API's documentation as a page: the OpenAPI document, read out. No script, nothing from elsewhere."""

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from credhub.api import api

Words = list[tuple[str, bool]]  # the text in pieces, and whether each is code
_BINARY = "A file."


@dataclass(frozen=True)
class Operation:
    """One operation, in words. Bodies are examples."""

    method: str
    path: str
    id: str
    tag: str
    paragraphs: list[Words]
    parameters: list[dict[str, Any]]
    body: str
    good: tuple[str, str]  # status, an example
    others: str  # statuses
    curl: str


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    document = api.get_openapi_schema()
    found = [
        _operation(method, path, told, request.build_absolute_uri("/").rstrip("/"))
        for path, operations in document["paths"].items()
        for method, told in operations.items()
    ]
    tags = [(tag, list(each)) for tag, each in groupby(found, key=lambda operation: operation.tag)]
    return render(request, "api_docs.html", {"tags": tags})


def _operation(method: str, path: str, told: dict[str, Any], host: str) -> Operation:
    body = _example(told.get("requestBody"))
    good = min(told["responses"])
    return Operation(
        method=method.upper(),
        path=path,
        id=told["operationId"],
        tag=told["tags"][0],
        paragraphs=[_words(each) for each in told["description"].split("\n\n")],
        parameters=[_parameter(each) for each in told["parameters"]],
        body=body,
        good=(str(good), _answer(told["responses"][good])),
        others=", ".join(str(status) for status in sorted(told["responses"]) if status != good),
        curl=_curl(method.upper(), f"{host}{path}".replace("{pk}", "$ID"), body, _form(told)),
    )


def _words(text: str) -> Words:
    return [(words, bool(number % 2)) for number, words in enumerate(text.split("`"))]


def _parameter(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"type": _type(told["schema"]), "words": _words(told.get("description", ""))}


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return _type(schema["anyOf"][0])
    return " · ".join(str(schema[name]) for name in ("type", "format") if name in schema)


def _example(has_content: dict[str, Any] | None) -> str:
    content = (has_content or {}).get("content", {}).get("application/json", {})
    return json.dumps(content["example"], indent=2, ensure_ascii=False) if "example" in content else ""


def _answer(told: dict[str, Any]) -> str:
    return _BINARY if "*/*" in told.get("content", {}) else _example(told)


def _form(told: dict[str, Any]) -> list[str]:
    """What an operation takes as a form, each from a file: what stands in a command line can be read by others."""
    content = told.get("requestBody", {}).get("content", {}).get("multipart/form-data", {"example": {}})
    files = {name for name, value in content["example"].items() if isinstance(value, list)}
    return [f"-F '{name}={'@' if name in files else '<'}{name}'" for name in sorted(content["example"])]


def _curl(method: str, url: str, body: str, form: list[str]) -> str:
    lines = [f'curl --fail-with-body -X {method} "{url}"', '-H "Authorization: Bearer $CREDHUB_TOKEN"']
    if body:
        lines += ["-H 'Content-Type: application/json'", "-d @request.json"]
    lines += form
    return " \\\n  ".join(lines)
