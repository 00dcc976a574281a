"""What every request carries: an id, an actor, and the rule that no shared cache keeps its answer."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from organizations.actors import Actor
from organizations.request_facts import request_facts

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str:
    """The peer's address, or the one that the outermost trusted proxy saw (CREDHUB_TRUSTED_PROXIES)."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    if count and len(hops) >= count:
        return str(hops[-count])[:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


class RequestIdMiddleware:
    """Gives the request an id that the answer, the log lines and the audit events share, and logs that it was served.

    This line is the access log: it has the route, where a server's own would have the address with its tokens.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        started = time.monotonic()
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        took = round((time.monotonic() - started) * 1000)
        log.info("request_served", status=response.status_code, milliseconds=took, **request_facts(request))
        return response


class ActorMiddleware:
    """Sets `request.actor`, made when first asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def actor() -> Actor:
            return Actor(
                user=request.user if request.user.is_authenticated else None,
                address=client_address(request),
                request_id=request.request_id,  # type: ignore[attr-defined]
            )

        request.actor = SimpleLazyObject(actor)  # type: ignore[attr-defined]
        return self.get_response(request)


class NoStoreMiddleware:
    """Pages of CredHub are for one person at one moment: neither proxies nor the browser's Back keep them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        return response
