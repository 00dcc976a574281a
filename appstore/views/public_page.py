"""Pages for people without an account: limited by address, and not for search engines."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse

from organizations.requests import AppRequest
from organizations.views.errors import too_many_requests

LIMITS = {"device-invitation": "60/m/ip,600/h/ip", "device-answer": "30/m/key,300/h/key"}
View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    @wraps(view)
    def page(request: AppRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_too_much(request, "device-invitation"):
            response = too_many_requests(request)
        else:
            response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return page


def is_too_much(request: HttpRequest, action: str, key: str | None = None) -> bool:
    """Counts this request, of its address or under `key`."""
    used = ratelimit.consume(request, app="credhub", action=action, config=LIMITS, key=key, limit_get=True)
    return used is None
