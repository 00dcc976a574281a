"""What a log line may say of a request: its method and its route. The address itself may hold a token."""

from http import HTTPMethod
from typing import Any

METHODS = frozenset(method.value for method in HTTPMethod)
NO_ROUTE = "(none)"


def request_facts(request: Any) -> dict[str, str]:
    """`request` is Django's; anything else has no route."""
    match = getattr(request, "resolver_match", None)
    method = getattr(request, "method", None)
    return {
        "method": method if method in METHODS else "(other)",
        "route": str(getattr(match, "route", None) or NO_ROUTE),
    }
