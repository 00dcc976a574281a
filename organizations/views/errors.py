"""Error pages: what happened, what to do, and the request id that the operator can look up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {
        "status": status, "title": title, "text": text, "request_id": getattr(request, "request_id", "")
    }  # fmt: skip
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, "This request cannot be read", "Go back and try again.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = str(exception) or "Your role here does not allow this."
    return _page(request, 403, "Not allowed", f"{text} Ask an owner or admin of the organization.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        "Nothing here",
        "There is no such page, or you are not a member of the organization it belongs to.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, "Something broke", "It is our fault and nothing was half-saved. Try again.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, "This form is out of date", "Reload the page it came from and send it again.")
