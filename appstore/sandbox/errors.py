"""Apple's error bodies, word for word as they were seen in public logs."""

import json
from typing import Any
from uuid import uuid4

HTML_502 = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
_FORBIDDEN = "This request is forbidden for security reasons"
_INVALID = "A parameter has an invalid value"


class ApiError(Exception):
    """An answer of the API that is not a document: one HTTP status and one error entry."""

    def __init__(self, status: int, entry: dict[str, Any]) -> None:
        super().__init__(entry["code"])
        self.status = status
        self.entry = {"status": str(status), **entry}

    @property
    def body(self) -> bytes:
        return json.dumps({"errors": [self.entry]}, indent=2).encode()


def _error(status: int, code: str, title: str, detail: str, **extra: Any) -> ApiError:
    return ApiError(status, {"id": str(uuid4()), "code": code, "title": title, "detail": detail, **extra})


def not_authorized() -> ApiError:
    """The one 401 for everything that can be wrong with a token. It has no id and gives no reason."""
    detail = (
        "Provide a properly configured and signed bearer token, and make sure that it has not expired. "
        "Learn more about Generating Tokens for API Requests "
        "https://developer.apple.com/go/?id=api-generating-tokens"
    )
    title = "Authentication credentials are missing or invalid."
    return ApiError(401, {"code": "NOT_AUTHORIZED", "title": title, "detail": detail})


def role_forbidden() -> ApiError:
    return _error(403, "FORBIDDEN_ERROR", _FORBIDDEN, "The API key in use does not allow this request")


def membership_expired(team_id: str) -> ApiError:
    detail = (
        f"Team ID: '{team_id}' is not associated with an active membership. To check your teams membership "
        "status, sign in your account on the developer website. https://developer.apple.com/account/"
    )
    return _error(403, "FORBIDDEN_ERROR", _FORBIDDEN, detail)


def account_holder_only() -> ApiError:
    detail = "This operation can only be performed by the Account Holder"
    return _error(403, "FORBIDDEN_ERROR", _FORBIDDEN, detail)


def entity_error(status: int, code: str, title: str, detail: str, pointer: str = "") -> ApiError:
    """A refusal of what a write's body holds; `pointer` is the place in it."""
    return _error(status, code, title, detail, **({"source": {"pointer": pointer}} if pointer else {}))


def agreements_missing() -> ApiError:
    return ApiError(
        403,
        {
            # Not a UUID, and links.see instead of links.about: both as Apple sends them here.
            "id": "XHI3JTPAXPXMTCWTY6RJMMMZUI",
            "code": "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED",
            "title": "A required agreement is missing or has expired.",
            "detail": "This request requires an in-effect agreement that has not been signed or has expired.",
            "links": {"see": "/agreements"},
        },
    )


def operation_not_allowed(resource: str, operation: str, allowed: list[str]) -> ApiError:
    names = ", ".join(allowed)
    detail = f"The resource '{resource}' does not allow '{operation}'. Allowed operations are: {names}"
    title = "The given operation is not allowed"
    return ApiError(403, {"code": "FORBIDDEN_ERROR", "title": title, "detail": detail})


def path_error(path: str) -> ApiError:
    return _error(404, "PATH_ERROR", "The URL path is not valid", f"'{path}' is not a valid URL")


def not_found(resource: str, object_id: str) -> ApiError:
    detail = f"There is no resource of type '{resource}' with id '{object_id}'"
    # The pointer lacks its leading slash in Apple's answer, too.
    source = {"pointer": "data/id"}
    return _error(404, "NOT_FOUND", "The specified resource does not exist", detail, source=source)


def method_not_allowed(method: str) -> ApiError:
    detail = f"The request method '{method}' is not valid for this resource"
    return _error(405, "METHOD_NOT_ALLOWED", "The request method is not valid for the resource.", detail)


def duplicate_parameter(name: str) -> ApiError:
    title = "A parameter is included more than once"
    detail = f"The parameter '{name}' can only be included once"
    return _error(400, "PARAMETER_ERROR.DUPLICATE", title, detail, source={"parameter": name})


def illegal_parameter(name: str) -> ApiError:
    title = "A given parameter is not allowed for this request"
    detail = f"The parameter '{name}' can not be used with this request"
    return _error(400, "PARAMETER_ERROR.ILLEGAL", title, detail, source={"parameter": name})


def invalid_parameter(name: str, detail: str) -> ApiError:
    return _error(400, "PARAMETER_ERROR.INVALID", _INVALID, detail, source={"parameter": name})


def invalid_cursor(cursor: str = "eyJvZmZzZXQiOiIyMCJ9") -> ApiError:
    return invalid_parameter("cursor", f"'{cursor}' is not a valid cursor for this request")


def rate_limit_exceeded() -> ApiError:
    detail = (
        "We've received too many requests for this API. Please wait and try again or slow down your "
        "request rate."
    )
    title = "The request rate limit has been reached."
    return ApiError(429, {"code": "RATE_LIMIT_EXCEEDED", "title": title, "detail": detail})


def unexpected_error(status: int = 500) -> ApiError:
    detail = (
        "An unexpected error occurred on the server side. If this issue continues, contact us at "
        "https://developer.apple.com/contact/."
    )
    return ApiError(
        status, {"code": "UNEXPECTED_ERROR", "title": "An unexpected error occurred.", "detail": detail}
    )
