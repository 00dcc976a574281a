"""`Idempotency-Key`: a write that is sent again, because its answer was lost, is answered again and done once."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables
from ninja import Schema, UploadedFile
from ninja.decorators import decorate_view
from ninja.utils import contribute_operation_callback

from organizations.api import token_of, with_header
from organizations.models import KeptAnswer
from organizations.models.kept_answer import HOURS, AnotherRequestError, InProgressError
from organizations.problems import ProblemError
from organizations.requests import AppRequest

View = TypeVar("View", bound=Callable[..., Any])
HEADER = "Idempotency-Key"
LONGEST = 255


def once(view: View) -> View:
    """For writes whose answer holds no secret: what was done is answered again for a day. A refusal has done nothing,
    so it is not kept: the same request may work later."""

    @wraps(view)
    @sensitive_variables()
    def begin(request: AppRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(request, *args, **kwargs)
        if not key.isascii() or not key.isprintable() or not 0 < len(key) <= LONGEST:
            raise ProblemError(
                422, "not-valid", f"{HEADER} takes 1 to {LONGEST} plain characters, such as a UUID."
            )
        try:
            kept, is_new = KeptAnswer.begin(token_of(request), key, _words(request, kwargs))
        except InProgressError as error:
            raise ProblemError(409, "in-progress", str(error)) from None
        except AnotherRequestError as error:
            raise ProblemError(422, "idempotency-key-reused", str(error)) from None
        if not is_new:
            headers = {"Idempotency-Replayed": "true"}
            return HttpResponse(kept.answer, kept.content_type, kept.status, headers=headers)
        request.kept_answer = kept  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    contribute_operation_callback(begin, _tell)
    return cast(View, decorate_view(_keeping)(begin))


def _tell(operation: Any) -> None:
    said = f"Of your choice: the same request again within {HOURS} hours gets the same answer and does nothing twice."
    with_header(operation, HEADER, said, "8f14e45f-ceea-467f-9a0b-1c2d3e4f5a6b")


def _words(request: HttpRequest, given: dict[str, Any]) -> list[str]:
    """What makes it the same request: method, address, and the body as it was understood."""
    bodies = [each.model_dump_json() for each in given.values() if isinstance(each, Schema)]
    files = [each for several in given.values() if isinstance(several, list) for each in several]
    return [str(request.method), request.path, *bodies, *map(_digest, files)]


def _digest(file: UploadedFile) -> str:
    found = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    return f"{file.name}: {found}"


def _keeping(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = run(request, *args, **kwargs)
        kept: KeptAnswer | None = getattr(request, "kept_answer", None)
        if kept is not None:
            kept.end(response.status_code, response.content.decode(), response["Content-Type"])
        return response

    return answer
