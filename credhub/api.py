"""`/api/v1/`: the routers of the apps under one roof, and every refusal as a problem body. `/api/v4/`: GitLab's."""

from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as InvalidError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import JSONRenderer
from pydantic_core import from_json, to_json

from appstore.api import routers as of_appstore
from appstore.api.secure_files import GitLabAuth
from appstore.api.secure_files import router as secure_files
from credentials.api import changing, credentials, kinds, sharing  # noqa: F401 - each adds its operations
from credentials.api import router as of_credentials
from credentials.crypto import SealError
from credentials.models.reveal_errors import NotSharedError, RevealRefusedError, TooManyRevealsError
from credentials.parsing import limits
from credhub.api_document import finished
from organizations import audit
from organizations.api import TokenAuth
from organizations.api.federation import router as federation
from organizations.api.organization import router as of_organization
from organizations.api.own_token import router as own_token
from organizations.errors import UnavailableError
from organizations.federation.exchange import NotTrustedError
from organizations.problems import NOT_FOUND, SOMEBODY_WAS_FASTER, ProblemError, problem
from organizations.rates import TooManyError
from organizations.requests import AppRequest

log = structlog.get_logger(__name__)
Handler = Callable[..., HttpResponse]


class QuickJSON(JSONRenderer):
    """By pydantic, which writes times and ids without asking Python about each."""

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return to_json(data)


class WholeText(Parser):
    """JSON as RFC 8259 has it: no NaN, and no halves of surrogate pairs, which nobody can store or send again."""

    def parse_body(self, request: HttpRequest) -> Any:
        return from_json(request.body, allow_inf_nan=False)


class CredHubAPI(NinjaAPI):
    _document: OpenAPISchema | None = None

    def get_openapi_schema(self, **_options: Any) -> OpenAPISchema:
        """Made once: it takes a while, and anybody may ask for it."""
        self._document = self._document or finished(super().get_openapi_schema())
        return self._document


api = CredHubAPI(
    title="CredHub",
    version="1",
    description="Signing credentials for CI. Every request: `Authorization: Bearer chub_…`.",
    auth=TokenAuth(),
    parser=WholeText(),
    renderer=QuickJSON(),
    docs_url=None,  # credhub/api_docs.py
    urls_namespace="api",
)
api.add_router("/federation", federation)
api.add_router("", of_organization)
api.add_router("/token", own_token)
api.add_router("/credentials", of_credentials)
api.add_router("/credential-kinds", kinds.router)
for prefix, router in of_appstore().items():
    api.add_router(prefix, router)

# What GitLab's clients read, under GitLab's addresses (appstore/api/secure_files.py); no part of our document
gitlab = NinjaAPI(
    title="Secure files", auth=GitLabAuth(), openapi_url=None, docs_url=None, urls_namespace="gitlab"
)
gitlab.add_router("", secure_files)


def _refused(error: type[Exception]) -> Callable[[Handler], Handler]:
    """In both."""

    def register(answer: Handler) -> Handler:
        for each in (api, gitlab):
            each.add_exception_handler(error, answer)
        return answer

    return register


def _on(error: type[Exception], status: int, code: str, detail: str = "") -> None:
    def answer(request: HttpRequest, raised: Any) -> HttpResponse:
        return problem(request, status, code, detail or str(raised))

    _refused(error)(answer)


_on(
    AuthenticationError, 401, "not-authenticated",
    "Send a token that is valid, as `Authorization: Bearer chub_…`. An owner or admin makes one under API tokens.",
)  # fmt: skip
_on(
    NotTrustedError, 401, "not-trusted",
    "This identity token gives nothing here. The activity log of the organization may say why.",
)  # fmt: skip
_on(Http404, 404, "not-found", NOT_FOUND)
_on(NotSharedError, 404, "not-found", NOT_FOUND)
_on(RevealRefusedError, 409, "reveal-refused")
_on(TooManyRevealsError, 429, "too-many-reveals")
_on(SealError, 409, "sealed")
_on(
    MultiPartParserError,
    400,
    "bad-request",
    "This form cannot be read. Send it whole, as multipart/form-data.",
)
_on(SuspiciousOperation, 400, "bad-request", f"This is not taken. At most {limits.MOST_FILES} files at once.")
_on(RequestDataTooBig, 413, "too-large", "This is too large. Nothing of it was kept.")


@_refused(ProblemError)
def _problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return problem(request, error.status, error.code, str(error), error.errors)


@_refused(TooManyError)
def _too_many(request: HttpRequest, error: TooManyError) -> HttpResponse:
    answer = problem(request, 429, "too-many-requests", str(error))
    answer["Retry-After"] = str(error.wait)
    return answer


@_refused(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, error.status_code, "bad-request", str(error))


@_refused(ValidationError)
def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Where it is and what is wrong, without the value: it may be a secret in the wrong place."""
    errors = [(_field(each["loc"]), each["msg"]) for each in error.errors]
    told = "; ".join(f"{field}: {message}" if field else message for field, message in errors)
    return problem(request, 422, "not-valid", told, errors)


def _field(place: tuple[Any, ...]) -> str:
    """Without where ninja found it: `query`, or `body` and the name of our argument."""
    return ".".join(str(word)[:50] for word in place[2 if place[0] == "body" else 1 :])


@_refused(PermissionDenied)
def _denied(request: AppRequest, error: PermissionDenied) -> HttpResponse:
    actor = request.actor
    token = actor.token
    try:
        if token is not None:
            where = request.resolver_match.view_name if request.resolver_match else ""
            page = f"{request.method} {where}"
            audit.record(actor, audit.Action.ACCESS_DENIED, token, organization=token.organization, page=page)
    except UnavailableError as unavailable:
        return _unavailable(request, unavailable)
    return problem(request, 403, "not-allowed", str(error))


@_refused(UnavailableError)
def _unavailable(request: HttpRequest, error: UnavailableError) -> HttpResponse:
    log.error("unavailable", reason=type(error).__name__)
    return problem(request, 503, "unavailable", str(error))


@_refused(Exception)
def _broke(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours, or a database that is away: said without the error's words, which may quote a secret."""
    if isinstance(error, OperationalError | InterfaceError):
        return problem(request, 503, "out-of-order", "The database does not answer. Try again in a minute.")
    log.error("api_broke", exc_info=error)
    if isinstance(error, IntegrityError | InvalidError):
        return problem(request, 409, "conflict", SOMEBODY_WAS_FASTER)
    return problem(request, 500, "internal", "It is our fault and nothing was half-saved. Try again.")
