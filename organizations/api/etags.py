"""`ETag` and `If-None-Match`: who has an answer already is told so, and nothing is sent twice."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja.decorators import decorate_view
from ninja.utils import contribute_operation_callback

from organizations.api import with_header

View = TypeVar("View", bound=Callable[..., Any])


def etag(view: View) -> View:
    """For reads of public facts. The tag is strong: it is of the body, byte for byte."""
    contribute_operation_callback(view, _tell)
    return decorate_view(_conditional)(view)


def _tell(operation: Any) -> None:
    operation.response_models[304] = None
    with_header(
        operation, "If-None-Match", "The `ETag` of an earlier answer: 304 if it is the same.", '"5f0c2a"'
    )


def _conditional(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = run(request, *args, **kwargs)
        if response.status_code != 200:
            return response
        tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        known = parse_etags(request.headers.get("If-None-Match", ""))
        if tag in known or f"W/{tag}" in known or "*" in known:
            response = HttpResponse(status=304)
            del response["Content-Type"]
        response["ETag"] = tag
        # Who asked may keep it, and asks each time whether it still holds.
        response["Cache-Control"] = "private, no-cache"
        response["Vary"] = "Authorization"
        return response

    return answer
