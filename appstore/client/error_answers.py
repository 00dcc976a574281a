"""From one of Apple's error answers to the error that says what to do.

https://developer.apple.com/documentation/appstoreconnectapi/interpreting-and-handling-errors
Apple asks to compare codes by prefix. A body may hold several errors, the telling one not first (FACTS C).
"""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
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
from .json_values import mapping
from .words import quoted, shortened

_MAX_ERRORS = 20
_MAX_PATH = 80
_KEYS_PAGE = "App Store Connect → Users and Access → Integrations"
_OUR_FAULT = (
    "The request was wrong, not the key: try again, and if it stays, report it as a fault of CredHub."
)

# Who a 403 is for: (prefix of Apple's code, words of Apple's detail, error, sentence), first match wins.
_FORBIDDEN: list[tuple[str, str, type[Forbidden], str]] = [
    (
        "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED",
        "",
        AgreementRequired,
        (
            "Apple asks for an agreement that is not signed or has expired. The Account Holder signs it at "
            "https://developer.apple.com/account/ or in App Store Connect → Business; then try again."
        ),
    ),
    (
        "",
        "not associated with an active membership",
        MembershipLapsed,
        (
            "The team's Apple Developer Program membership is not active. The Account Holder renews it at "
            "https://developer.apple.com/account/; then try again."
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
    (
        "",
        "allowed operations are",
        Forbidden,
        "Apple's API does not offer {path}, whatever the key's role. Do it on Apple's website.{said}",
    ),
    (
        "",
        "unable to find a team",
        Forbidden,
        (
            "Apple finds no developer team for this key. Check the Issuer ID, and that the account is enrolled at "
            "https://developer.apple.com/account/."
        ),
    ),
]

# What is wrong with a request, by the same rules; {said} is what Apple says.
_WRONG_REQUESTS: list[tuple[str, str, type[AppStoreConnectError], str]] = [
    (
        "PATH_ERROR",
        "",
        NotFound,
        (
            "Apple's API has no {path}. Check the key type, as the Enterprise API offers less, and the "
            "configured address."
        ),
    ),
    (
        "NOT_FOUND",
        "there is no identifier",
        NotFound,
        (
            "Apple finds no identifier for {path}: it was left out or deleted, or is another team's. Choose one "
            "of this team, then try again."
        ),
    ),
    (
        "PARAMETER_ERROR",
        "is not a valid cursor",
        CursorRefused,
        "Apple does not know this place in the list any more. Start the list again.",
    ),
    (
        "PARAMETER_ERROR.DUPLICATE",
        "",
        InvalidRequest,
        f"Apple refused {{path}}: a parameter was sent twice.{{said}} {_OUR_FAULT}",
    ),
    (
        "PARAMETER_ERROR",
        "is not a valid filter value",
        InvalidRequest,
        f"Apple refused {{path}}: it cannot filter by that value.{{said}} {_OUR_FAULT}",
    ),
    (
        "PARAMETER_ERROR",
        "",
        InvalidRequest,
        f"Apple refused {{path}}: a parameter is missing or wrong.{{said}} {_OUR_FAULT}",
    ),
    ("ENTITY_INVALID", "", InvalidRequest, f"Apple cannot read {{path}}.{{said}} {_OUR_FAULT}"),
    ("ENTITY_UNPROCESSABLE", "", InvalidRequest, f"Apple cannot read {{path}}.{{said}} {_OUR_FAULT}"),
    ("METHOD_NOT_ALLOWED", "", InvalidRequest, f"Apple's API does not offer {{path}}. {_OUR_FAULT}"),
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
    kind, message = _explained(status, apple, clean(path.partition("?")[0], _MAX_PATH))
    return kind(message, status=status, apple=apple)


def _explained(
    status: int, apple: tuple[ApiErrorDetail, ...], path: str
) -> tuple[type[AppStoreConnectError], str]:
    if status == 401 or _has(apple, code="NOT_AUTHORIZED"):
        return Unauthorized, (
            "Apple does not accept this key. Check the Key ID, the Issuer ID and the key type, and that the "
            f"key was not revoked ({_KEYS_PAGE}). A revoked key stays revoked: add a new one."
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
    said = _apple_says(apple)
    for code, detail, kind, sentence in _WRONG_REQUESTS:
        if _has(apple, code=code, detail=detail):
            return kind, sentence.format(path=path, said=said)
    if status in (404, 410):
        return NotFound, f"Apple finds nothing for {path}: it was deleted, or is another team's. Sync again."
    if status == 409 and (known := conflicts.explained(apple)) is not None:
        kind, sentence = known
        return kind, sentence + said
    if not said:
        return InvalidRequest, f"Apple refused {path}. It gave no reason (HTTP {status}). Try again later."
    return InvalidRequest, f"Apple refused {path}.{said} Correct that, then try again."


def _forbidden(apple: tuple[ApiErrorDetail, ...], path: str) -> tuple[type[AppStoreConnectError], str]:
    said = _apple_says(apple)
    for code, detail, kind, sentence in _FORBIDDEN:
        if _has(apple, code=code, detail=detail):
            return kind, sentence.format(path=path, said=said)
    reason = said or " It gave no reason: a proxy may have answered in its place."
    return Forbidden, (
        f"Apple does not allow this key {path}.{reason} Check the key's role, and that it was not revoked "
        f"({_KEYS_PAGE})."
    )


def _has(apple: tuple[ApiErrorDetail, ...], *, code: str = "", detail: str = "") -> bool:
    return any(error.code.startswith(code) and detail in error.detail.lower() for error in apple)


def _apple_says(apple: tuple[ApiErrorDetail, ...]) -> str:
    """What the errors say, each once: the telling one need not be the first."""
    said = shortened(" ".join(dict.fromkeys(filter(None, map(_said, apple)))))
    return f" Apple says: “{said}”" if said else ""


def _said(error: ApiErrorDetail) -> str:
    return error.detail or (
        f"{error.title} ({error.source})" if error.title and error.source else error.title
    )


def _details(body: bytes) -> tuple[ApiErrorDetail, ...]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    return tuple(_detail(error) for error in islice(_errors(mapping(document).get("errors")), _MAX_ERRORS))


def _errors(entries: object) -> Iterator[Mapping[str, Any]]:
    """Each error, and behind it those that Apple says it comes from, which tell more (FACTS C)."""
    for entry in _objects(entries):
        yield entry
        for causes in mapping(mapping(entry.get("meta")).get("associatedErrors")).values():
            yield from _objects(causes)


def _objects(entries: object) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _detail(error: Mapping[str, Any]) -> ApiErrorDetail:
    status = error.get("status")
    source = mapping(error.get("source"))
    return ApiErrorDetail(
        code=clean(error.get("code")),
        title=quoted(error.get("title")),
        detail=quoted(error.get("detail")),
        status=clean(str(status) if isinstance(status, int) else status, 10),
        source=quoted(source.get("pointer") or source.get("parameter")),
    )
