"""From one of Apple's error answers to the error that says what to do.

https://developer.apple.com/documentation/appstoreconnectapi/interpreting-and-handling-errors
Apple asks to compare codes by prefix. A body may hold several errors, the telling one not first (FACTS C).
"""

import json
from collections.abc import Mapping
from typing import Any

from organizations.words import clean

from . import conflicts
from .errors import (
    AgreementRequired,
    ApiErrorDetail,
    AppStoreConnectError,
    CursorRefused,
    Forbidden,
    InvalidRequest,
    MembershipLapsed,
    NotFound,
    RateLimited,
    RoleTooWeak,
    ServerError,
    Unauthorized,
    UnexpectedAnswer,
)
from .http_time import retry_after_seconds
from .words import quoted

_MAX_ERRORS = 20
_KEYS_PAGE = "App Store Connect → Users and Access → Integrations"

# Who a 403 is for: (prefix of Apple's code, words of Apple's detail, error, sentence), first match wins.
_FORBIDDEN: list[tuple[str, str, type[Forbidden], str]] = [
    (
        "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED",
        "",
        AgreementRequired,
        (
            "Apple asks for an agreement that is not signed or has expired. The Account Holder signs it in "
            "App Store Connect → Business; then try again."
        ),
    ),
    (
        "",
        "not associated with an active membership",
        MembershipLapsed,
        (
            "The team's Apple Developer Program membership is not active. The Account Holder renews it at "
            "https://developer.apple.com/account/."
        ),
    ),
    (
        "",
        "api key in use does not allow",
        RoleTooWeak,
        (
            "The key's role does not allow {path}. A role cannot be changed: create a key with the Admin "
            f"role ({_KEYS_PAGE})."
        ),
    ),
    (
        "",
        "only be performed by the account holder",
        Forbidden,
        "Only the Account Holder may do this, on Apple's developer website and not with an API key.",
    ),
]


def error_from_response(
    status: int, headers: Mapping[str, str], body: bytes, path: str
) -> AppStoreConnectError:
    """The error for an answer that is not a success; tolerates HTML, nothing, and missing fields as a body.

    `path` is for the sentence alone, such as "GET /v1/certificates"; a query is cut off.
    """
    apple = _details(body)
    if status == 429 or _has(apple, code="RATE_LIMIT"):
        return RateLimited(
            "Apple's request limit for this key is used up. Wait a while, then try again.",
            status=status,
            apple=apple,
            retry_after=retry_after_seconds(headers),
        )
    kind, message = _explained(status, apple, clean(path.partition("?")[0]))
    return kind(message, status=status, apple=apple)


def _explained(
    status: int, apple: tuple[ApiErrorDetail, ...], path: str
) -> tuple[type[AppStoreConnectError], str]:
    if status == 401 or _has(apple, code="NOT_AUTHORIZED"):
        return Unauthorized, (
            "Apple does not accept this key. Check the Key ID, the Issuer ID and the key type, and that the "
            f"key was not revoked ({_KEYS_PAGE})."
        )
    if status >= 500 or status == 408:
        return ServerError, f"Apple's server failed (HTTP {status}). Try again in a few minutes."
    if status == 403:
        return _forbidden(apple, path)
    if 400 <= status < 500:
        return _refused(status, apple, path)
    return UnexpectedAnswer, (
        f"The server answered HTTP {status} where Apple answers with data. Check the configured address "
        "and proxy."
    )


def _refused(
    status: int, apple: tuple[ApiErrorDetail, ...], path: str
) -> tuple[type[AppStoreConnectError], str]:
    if status in (404, 410):
        return NotFound, f"Apple finds nothing for {path}: it was deleted, or is another team's. Sync again."
    if _has(apple, code="PARAMETER_ERROR", detail="is not a valid cursor"):
        return CursorRefused, "Apple does not know this place in the list any more. Start the list again."
    if status == 409 and (known := conflicts.explained(apple)) is not None:
        kind, sentence = known
        return kind, sentence + _apple_says(apple)
    said = _apple_says(apple) or f" It gave no reason (HTTP {status})."
    return InvalidRequest, f"Apple refused {path}.{said}"


def _forbidden(apple: tuple[ApiErrorDetail, ...], path: str) -> tuple[type[AppStoreConnectError], str]:
    for code, detail, kind, sentence in _FORBIDDEN:
        if _has(apple, code=code, detail=detail):
            return kind, sentence.format(path=path)
    said = _apple_says(apple)
    return Forbidden, f"Apple does not allow this key {path}.{said} Check the key's role ({_KEYS_PAGE})."


def _has(apple: tuple[ApiErrorDetail, ...], *, code: str = "", detail: str = "") -> bool:
    return any(error.code.startswith(code) and detail in error.detail.lower() for error in apple)


def _apple_says(apple: tuple[ApiErrorDetail, ...]) -> str:
    """The first detail of all errors, or else the first title."""
    sentences = [error.detail for error in apple] + [error.title for error in apple]
    said = next(filter(None, sentences), "")
    return f" Apple says: “{said}”" if said else ""


def _details(body: bytes) -> tuple[ApiErrorDetail, ...]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return ()
    return tuple(_detail(error) for error in errors[:_MAX_ERRORS] if isinstance(error, dict))


def _detail(error: dict[str, Any]) -> ApiErrorDetail:
    status = error.get("status")
    return ApiErrorDetail(
        code=clean(error.get("code")),
        title=quoted(error.get("title")),
        detail=quoted(error.get("detail")),
        status=clean(str(status) if isinstance(status, int) else status, 10),
    )
