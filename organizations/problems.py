"""Refusals for programs: RFC 9457 bodies with a stable `code` and the request's id."""

from django.http import HttpRequest, HttpResponse, JsonResponse

API = "/api/"
TITLES = {
    400: "Bad request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 409: "Conflict",
    413: "Too large", 422: "Not valid", 429: "Too many requests", 500: "Our fault", 503: "Not possible now",
}  # fmt: skip


def problem(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    body = {
        "type": "about:blank", "title": TITLES.get(status, "Problem"), "status": status, "code": code,
        "detail": detail, "request_id": getattr(request, "request_id", ""),
    }  # fmt: skip
    answer = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="CredHub"'
    if status in {429, 503}:
        answer["Retry-After"] = "30"
    return answer
