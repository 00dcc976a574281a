"""Error pages: what happened, what to do, and the request id that the operator can look up."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent, ValidationError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from organizations.problems import API, NOT_FOUND, SOMEBODY_WAS_FASTER, problem


def _context(request: HttpRequest, status: int, title: str, text: str) -> dict[str, object]:
    request_id = getattr(request, "request_id", "")
    return {"status": status, "title": title, "text": text, "request_id": request_id}


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.path.startswith(API):
        return _problem(request, status, title, text)
    return render(request, "error.html", _context(request, status, title, text), status=status)


def _problem(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """The same for programs."""
    return problem(request, status, title.lower().replace(" ", "-"), text)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _page(
            request, 413, "This is too large", "Nothing of it was kept. Send a smaller file or text."
        )
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return _page(
            request, 413, "These are too many files", f"None of them was kept. Send at most {most} at once."
        )
    return _page(request, 400, "This request cannot be read", "Go back and try again.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = str(exception) or "Your role here does not allow this."
    return _page(request, 403, "Not allowed", f"{text} Ask an owner or admin of the organization.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problem(request, 404, "not-found", NOT_FOUND)
    return _page(
        request,
        404,
        "Nothing here",
        "There is no such page, or you are not a member of the organization it belongs to.",
    )


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Without the frame around it, too."""
    text = (
        str(exception) or "Something that this depends on cannot be reached. Nothing has changed. Try again."
    )
    page = render_to_string("error.html", _context(request, 503, "Not possible now", text))
    return HttpResponse(page, status=503, headers={"Retry-After": "30"})


def too_many_requests(request: HttpRequest) -> HttpResponse:
    answer = _page(request, 429, "Too many attempts", "Wait a minute and try again.")
    answer["Retry-After"] = "60"
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """503 when it is the database that cannot answer, so that a load balancer or a script tries again later; 409 when
    two did the same in one moment, and each had been told that it can be done."""
    error = sys.exc_info()[1]
    if isinstance(error, IntegrityError | ValidationError):
        return _bare_page(request, 409, "Somebody was faster", SOMEBODY_WAS_FASTER)
    if isinstance(error, OperationalError | InterfaceError):
        return _bare_page(
            request, 503, "Out of order", "The database does not answer. Try again in a minute."
        )
    return _bare_page(
        request, 500, "Something broke", "It is our fault and nothing was half-saved. Try again."
    )


def _bare_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Without the frame around it, which asks the database: that may be what is broken."""
    if request.path.startswith(API):
        return _problem(request, status, title, text)
    return HttpResponse(render_to_string("error.html", _context(request, status, title, text)), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, "This form is out of date", "Reload the page it came from and send it again.")
