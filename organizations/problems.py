"""Refusals for programs: RFC 9457 bodies with a stable `code` and the request's id."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse

API = "/api/"
TITLES = {
    400: "Bad request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Not a method of this address",
    409: "Conflict", 413: "Too large", 422: "Not valid", 429: "Too many requests", 500: "Our fault",
    503: "Not possible now",
}  # fmt: skip
SOMEBODY_WAS_FASTER = (
    "The same was done a moment ago, so this was not. Nothing is half-saved. Look at what is there now."
)
NOT_FOUND = "There is no such thing, or this token may not see it."
Errors = Sequence[tuple[str, str]]  # (field, what is wrong with it)


class ProblemError(Exception):
    """What an operation of the API refuses with."""

    def __init__(self, status: int, code: str, detail: str, errors: Errors = ()) -> None:
        super().__init__(detail)
        self.status, self.code, self.errors = status, code, errors


def problem(request: HttpRequest, status: int, code: str, detail: str, errors: Errors = ()) -> HttpResponse:
    body = {
        "type": "about:blank", "title": TITLES.get(status, "Problem"), "status": status, "code": code,
        "detail": detail, "request_id": getattr(request, "request_id", ""),
        "errors": [{"field": field, "message": message} for field, message in errors],
    }  # fmt: skip
    answer = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="CredHub"'
    if status in {429, 503}:
        answer["Retry-After"] = "30"
    return answer
