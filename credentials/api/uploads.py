"""Uploads as JSON: what a form takes from a page, with its files in base64; and what it refuses, as a problem."""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables
from ninja import Schema
from ninja.decorators import decorate_view
from pydantic import Field

from credentials.models import DuplicateCredentialError
from credentials.parsing import limits
from organizations.actors import Actor
from organizations.problems import Errors, ProblemError, problem

View = TypeVar("View", bound=Callable[..., Any])
# The largest file in base64, and room for the rest
LARGEST_BODY = limits.LARGEST_FILE * 4 // 3 + 256 * limits.KIB
_FILE_NAME = r"^[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]{0,199}$"


class FileIn(Schema):
    name: str = Field("file", pattern=_FILE_NAME, examples=["AuthKey_2X9R4HXF34.p8"])
    content: str = Field(description="Base64.", examples=["LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t…"])


def takes_files(view: View) -> View:
    """The body may be as large as files are."""
    return decorate_view(_reading)(view)


def _reading(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(run)
    @sensitive_variables()
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        body = request.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            said = f"Nothing of it was kept. A file has {limits.LARGEST_FILE // limits.KIB} KiB at most."
            return problem(request, 413, "too-large", said)
        request._body = body  # noqa: SLF001 - where `request.body` looks first
        return run(request, *args, **kwargs)

    return cast(Callable[..., HttpResponse], read)


@sensitive_variables()
def uploaded(files: dict[str, FileIn]) -> dict[str, SimpleUploadedFile]:
    """As a form takes them. Raises ProblemError."""
    found = {}
    for field, file in files.items():
        try:
            content = base64.b64decode("".join(file.content.split()), validate=True)
        except (binascii.Error, ValueError):
            said = "This is not base64."
            raise ProblemError(422, "not-valid", said, [(field, said)]) from None
        found[field] = SimpleUploadedFile(file.name, content)
    return found


def typed(fields: dict[str, str | bool]) -> dict[str, str]:
    """As a browser sends them: boxes that are not ticked are left out."""
    words = {name: "on" if value is True else value for name, value in fields.items()}
    return {name: value for name, value in words.items() if isinstance(value, str)}


def require_valid(form: forms.BaseForm, names: dict[str, str] | None = None) -> None:
    """Raises ProblemError with the form's own sentences. `names`: what its fields are called in the request."""
    if form.is_valid():
        return
    errors = [
        ((names or {}).get(field, "" if field == "__all__" else field), str(message))
        for field, messages in form.errors.items()
        for message in messages
    ]
    raise invalid(errors)


def saved(form: Any, actor: Actor) -> Any:
    """What the form stores. Raises ProblemError: 422 with the form's own sentences, 409 where it is here already."""
    require_valid(form)
    try:
        return form.save(actor)
    except DuplicateCredentialError as error:
        raise ProblemError(409, "exists", str(error)) from None


def invalid(errors: Errors) -> ProblemError:
    said = " ".join(f"{field}: {message}" if field else message for field, message in errors)
    return ProblemError(422, "not-valid", said, errors)
