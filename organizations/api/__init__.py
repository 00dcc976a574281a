"""What every operation of the API stands on: who asks, what they may, and what answers look like."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any, TypeVar, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Schema
from ninja.security import HttpBearer
from ninja.utils import contribute_operation_callback
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from organizations import rates, token_guesses
from organizations.actors import Actor
from organizations.middleware import client_address
from organizations.models import ApiToken
from organizations.permissions import Permission
from organizations.requests import AppRequest
from organizations.words import typed_name

View = TypeVar("View", bound=Callable[..., Any])

# What is looked for: no database takes a NUL.
Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


def _readable(text: str) -> str:
    words = typed_name(text)
    if not words:
        raise ValueError("say why, in words that can be read")
    return words


# Why a secret is needed
Purpose = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="Why; it stands in the activity log. No secrets here.",
        examples=["release 1.2"],
    ),
    AfterValidator(_readable),
]


class TokenAuth(HttpBearer):
    """`Authorization: Bearer chub_…`. A session is no way in: nothing of the API can be forged across sites."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        address = client_address(request)
        found = ApiToken.of_text(token, address)
        request_id = getattr(request, "request_id", "")
        if found is None:
            token_guesses.wrong(token, Actor(address=address, request_id=request_id))
            return None
        asked = cast(AppRequest, request)
        asked.rate = rates.spend(f"requests:{found.counted_as}", settings.TOKEN_REQUESTS_PER_MINUTE)
        asked.actor = Actor(token=found, address=address, request_id=request_id)
        found.note_use(asked.actor)
        return asked.actor


class Out(BaseModel):
    """What an answer is made of. Pydantic's own and not ninja's Schema, which reads every field of every row in Python:
    of a list that is a third of the time."""

    model_config = ConfigDict(from_attributes=True)


class FieldProblem(Schema):
    field: str = Field(
        description="Its name in the request; empty: the request as a whole.", examples=["file"]
    )
    message: str = Field(examples=["This is not a private key. Choose the .p8 file."])


class Problem(Schema):
    """RFC 9457, as `organizations/problems.py` makes it."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    code: str = Field(description="Stable: for programs.", examples=["not-found"])
    detail: str = Field(
        description="For people: what happened and what to do.",
        examples=["There is no such thing, or this token may not see it."],
    )
    request_id: str = Field(examples=["0b1f1f6e-5c0a-4c0e-9d52-1a7c52f0a001"])
    errors: list[FieldProblem] = Field(
        default_factory=list, description="With status 422: what is wrong with which field.", examples=[[]]
    )


def answers(good: dict[int, Any], *problems: int) -> dict[Any, Any]:
    """What an operation may answer: `good`, the problems that every one has, and these."""
    return good | dict.fromkeys(sorted({401, 403, 429, 503, *problems}), Problem)


# The problems of lists, of one thing, and of what takes a body
LIST, ONE, BODY = (400, 422), (404,), (400, 409, 413, 422)


def token_with(request: AppRequest, permission: Permission) -> ApiToken:
    """The request's token, which has this scope. Raises PermissionDenied."""
    token = request.actor.token
    if token is None:
        raise PermissionDenied("This needs an API token.")
    request.actor.require(permission, token.organization)
    return token


def token_of(request: AppRequest) -> ApiToken:
    return token_with(request, Permission.ORGANIZATION_VIEW)


def token_for_apps(request: AppRequest, permission: Permission, apps: Sequence[str]) -> ApiToken:
    """The request's token, which has this scope for each of these bundle IDs. Raises PermissionDenied."""
    token = token_of(request)
    for app in apps:
        request.actor.require(permission, token.organization, app=app)
    return token


def needs(permission: Permission, *, for_apps: bool = False) -> Callable[[View], View]:
    """The operation is for tokens with this scope, and says so in the OpenAPI document. The view's own queries go
    through `for_actor` all the same. `for_apps`: it is about some bundle IDs, and asks `token_for_apps` for those."""

    def decorate(view: View) -> View:
        @wraps(view)
        def allowed(request: AppRequest, *args: Any, **kwargs: Any) -> Any:
            token_with(request, Permission.ORGANIZATION_VIEW if for_apps else permission)
            return view(request, *args, **kwargs)

        contribute_operation_callback(allowed, _say)
        return cast(View, allowed)

    def _say(operation: Any) -> None:
        scope = "any token" if permission == Permission.ORGANIZATION_VIEW else f"the scope `{permission}`"
        operation.description = f"{operation.description}\n\nFor {scope}."
        operation.openapi_extra = {**(operation.openapi_extra or {}), "x-scope": str(permission)}

    return decorate


def with_header(operation: Any, name: str, description: str, example: str) -> None:
    """Tell of a request's header in the OpenAPI document."""
    header = {
        "in": "header", "name": name, "required": False, "description": description,
        "schema": {"type": "string", "maxLength": 255}, "example": example,
    }  # fmt: skip
    extra = operation.openapi_extra or {}
    operation.openapi_extra = {**extra, "parameters": [*extra.get("parameters", []), header]}
