"""What every request carries: an id, an actor, and the rule that no shared cache keeps its answer."""

import ipaddress
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from organizations.actors import Actor
from organizations.request_facts import request_facts

log = structlog.get_logger(__name__)

if TYPE_CHECKING:
    from organizations.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str:
    """The peer's address, or the one that the outermost trusted proxy saw (CREDHUB_TRUSTED_PROXIES)."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    if count and len(hops) >= count:
        return _plain(str(hops[-count])[:45])
    return _plain(str(request.META.get("REMOTE_ADDR", ""))[:45])


def _plain(address: str) -> str:
    """What listens on `::` sees IPv4 as `::ffff:192.0.2.1`: taken for one network of IPv6, all of it would be counted
    as one client."""
    try:
        inner = ipaddress.IPv6Address(address).ipv4_mapped if address.startswith("::") else None
    except ValueError:
        return address
    return str(inner or address)


def actor_in(request: HttpRequest, user: "User | None" = None) -> Actor:
    """Who acts in this request: `user` while they are still signing in, whoever is signed in otherwise."""
    if user is None and request.user.is_authenticated:
        user = request.user
    return Actor(user=user, address=client_address(request), request_id=getattr(request, "request_id", ""))


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
        request.actor = SimpleLazyObject(lambda: actor_in(request))  # type: ignore[attr-defined]
        return self.get_response(request)


class NoStoreMiddleware:
    """Pages of CredHub are for one person at one moment: neither proxies nor the browser's Back keep them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        return response


class RateHeadersMiddleware:
    """Tells a machine how much it may still do in this minute (draft-ietf-httpapi-ratelimit-headers)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        rate = getattr(request, "rate", None)
        if rate is not None:
            response["RateLimit-Policy"] = f'"requests";q={rate.limit};w=60'
            response["RateLimit"] = f'"requests";r={rate.left};t={rate.reset}'
        return response
