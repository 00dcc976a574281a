"""What can go wrong between us and Apple, each with a sentence for people that says what to do.

Codes are Apple's only in `apple`; ours (`code`) are stable slugs. Nothing here ever holds a token or a body.
"""
# ruff: noqa: N818 - they are named for what happened, in the words of HTTP

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiErrorDetail:
    """One entry of Apple's `errors` array; absent fields are "". `source`: the pointer or parameter it names."""

    code: str
    title: str
    detail: str
    status: str
    source: str = ""


class AppStoreConnectError(Exception):
    """`transient`: the same request may work later. `status`: Apple's HTTP status, None without an answer.

    `too_much`: asking for less at once may work; Apple failed, or the answer took too long or was too large.
    """

    code = "app-store-connect-error"
    transient = False
    too_much = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        apple: tuple[ApiErrorDetail, ...] = (),
        too_much: bool = False,
    ) -> None:
        super().__init__(message)
        self.too_much = too_much or type(self).too_much
        self.message = message
        self.status = status
        self.apple = apple


class Unauthorized(AppStoreConnectError):
    """The key or its token is refused; Apple gives one answer for every reason."""

    code = "unauthorized"


class Forbidden(AppStoreConnectError):
    """The key is accepted, the request is not; the subclasses say why when Apple does."""

    code = "forbidden"


class RoleTooWeak(Forbidden):
    """The key's role does not allow the request."""

    code = "role-too-weak"


class AgreementRequired(Forbidden):
    """An agreement waits for the Account Holder. Apple sends this by mistake at times, and takes it back."""

    code = "agreement-required"


class MembershipLapsed(Forbidden):
    """The team's membership in the Apple Developer Program is not active."""

    code = "membership-lapsed"


class NotFound(AppStoreConnectError):
    """Absent, or another team's: Apple does not tell these apart."""

    code = "not-found"


class InvalidRequest(AppStoreConnectError):
    """Apple understood and refuses: 400, 405, 409, 422 and their kin."""

    code = "invalid-request"


class CursorRefused(InvalidRequest):
    """A saved next link is not valid any more (FACTS E): start the listing again."""

    code = "cursor-refused"


class LimitReached(InvalidRequest):
    """The team has as many certificates of this type as Apple allows: revoke one, or adopt one."""

    code = "limit-reached"


class AlreadyExists(InvalidRequest):
    """The device, bundle ID or profile name is taken: what is there may be used instead."""

    code = "already-exists"


class RateLimited(AppStoreConnectError):
    """`retry_after`: seconds, or None when Apple does not say."""

    code = "rate-limited"
    transient = True

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        apple: tuple[ApiErrorDetail, ...] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message, status=status, apple=apple)
        self.retry_after = retry_after


class ServerError(AppStoreConnectError):
    """Apple's side failed: 5xx."""

    code = "server-error"
    transient = True
    too_much = True


class Unreachable(AppStoreConnectError):
    """No complete answer came: name resolution, connection, TLS, proxy or time."""

    code = "unreachable"
    transient = True


class UnexpectedAnswer(AppStoreConnectError):
    """Not the documented answer: not JSON, of another shape, too large, or leading elsewhere."""

    code = "unexpected-answer"
