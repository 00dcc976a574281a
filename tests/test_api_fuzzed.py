"""Requests made from the OpenAPI document, sent with the tokens of every role: no operation falls, answers what the
document does not say, or sends a body of another shape. A few of each here; `CREDHUB_API_EXAMPLES=200` for many.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis.openapi
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.access.api import TOKENS
from tests.access.api_requests import Ids
from tests.conftest import make_cast, shared_world
from tests.test_api_access import DOCUMENT, ROUTES, Asker

EXAMPLES = int(os.environ.get("CREDHUB_API_EXAMPLES", "2"))
CHECKS: list[Any] = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(DOCUMENT)))


@pytest.fixture(scope="module")
def asker(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Asker]:
    with shared_world(django_db_blocker):
        yield Asker.of(make_cast())


def sent(case: Any, client: Client) -> Response:
    """Through Django's own client, in this thread and in this transaction."""
    asked = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {name: value for name, value in asked.headers.items() if name.lower() != "content-type"}
    path = asked.url.removeprefix("http://testserver")
    content_type = asked.headers.get("Content-Type", "application/octet-stream")
    answer = client.generic(asked.method, path, asked.body or b"", content_type, headers=headers)
    return Response(
        status_code=answer.status_code,
        headers={name: [value] for name, value in answer.items()},
        content=answer.content,
        request=asked,
        elapsed=0,
        verify=False,
    )


def aimed(case: Any, operation: str, ids: Ids) -> None:
    """At something that there is: what is made up is never found."""
    if "pk" in case.path_parameters:
        case.path_parameters["pk"] = str(ids.in_address(operation))
    for where in (case.body, case.query):
        if isinstance(where, dict) and where.get("app_store_connect_key"):
            where["app_store_connect_key"] = str(ids.key)


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does-not-fit"]
)
@pytest.mark.parametrize("name", sorted(ROUTES))
def test_answers_are_as_the_document_says(asker: Asker, db: None, name: str, mode: GenerationMode) -> None:
    method, path = ROUTES[name]
    operation = SCHEMA[path][method]

    @given(case=operation.as_strategy(mode), member=st.sampled_from(TOKENS), is_aimed=st.integers(0, 3))
    @settings(
        max_examples=EXAMPLES,
        derandomize=EXAMPLES < 10,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, member: str, is_aimed: int) -> None:
        places = asker.ids[member]
        if is_aimed:
            aimed(case, name, [*places["own"], *places["shared"]][0])
        undone = transaction.atomic()
        undone._from_testcase = True  # type: ignore[attr-defined]
        with undone:
            answer = sent(case, asker.clients[member])
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    ask()
