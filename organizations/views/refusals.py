"""Refusals: a 403 goes on record, and what cannot be had or recorded now is a 503."""

from collections.abc import Callable

import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from organizations import audit
from organizations.actors import Actor
from organizations.errors import UnavailableError
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.problems import API, problem
from organizations.views.errors import unavailable

log = structlog.get_logger(__name__)


class RefusalMiddleware:
    """Puts refusals on record, tells programs which methods there are, and answers 503 where something that the
    answer depends on cannot be had.

    A view's transaction is rolled back by the time its exception is here, so what is written now stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.path.startswith(API):
            allowed = ", ".join(sorted(response["Allow"].split(", ")))
            detail = f"This address takes {allowed}."
            response = problem(request, 405, "method-not-allowed", detail)
            response["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        try:
            if isinstance(exception, PermissionDenied):
                record_refusal(request)
        except UnavailableError as error:
            exception = error
        if isinstance(exception, UnavailableError):
            log.error("unavailable", reason=type(exception).__name__)
            return unavailable(request, exception)
        return None


def record_refusal(request: HttpRequest) -> None:
    """One event for a 403 of somebody who is signed in. Raises AuditUnavailableError."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.user is None:
        return
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    reachable = Organization.objects.for_actor(actor, Permission.ORGANIZATION_VIEW)
    organization = reachable.filter(slug=slug).first() if slug else None
    page = f"{request.method} {match.view_name if match else ''}"
    audit.record(actor, audit.Action.ACCESS_DENIED, actor.user, organization=organization, page=page)
