"""Faults on demand: what goes wrong with Apple on a bad day, for as many requests as asked."""

from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

from appstore.sandbox import errors
from appstore.sandbox.errors import ApiError


class FaultKind(StrEnum):
    RATE_LIMIT = "rate_limit"  # 429, also while the hourly count is far from used up
    UNAUTHORIZED = "unauthorized"  # the spurious 401 for a good token
    AGREEMENTS = "agreements"  # 403 until the account holder signs
    ROLE = "role"  # 403
    MEMBERSHIP = "membership"  # 403, the yearly fee is not paid
    BAD_CURSOR = "bad_cursor"  # 400, for a place in a list that Apple itself had named
    SERVER_ERROR = "server_error"  # 500 and its neighbours, with a JSON body
    BAD_GATEWAY = "bad_gateway"  # 502 with an HTML body
    SLOW = "slow"  # the right answer, late
    HANG = "hang"  # no answer: the connection stays open until `delay`, or the end
    MALFORMED = "malformed"  # 200, with JSON that breaks off
    CUT = "cut"  # the connection breaks off in the middle of the body, whose whole length was announced
    DRIP = "drip"  # the right body, one small piece every `delay` seconds
    LOST_ANSWER = "lost_answer"  # what was asked is done, and the connection dropped without an answer
    ENDLESS = "endless"  # links.next leads back to the same page
    MISSING_NEXT = "missing_next"  # a page that has more says nothing of it, but for meta.paging.total
    FOREIGN_NEXT = "foreign_next"  # links.next leads to another host
    DUPLICATE_IDS = "duplicate_ids"  # the page's first object is also its last, whose place it takes


_BY_STATUS = {
    401: FaultKind.UNAUTHORIZED,
    403: FaultKind.ROLE,
    429: FaultKind.RATE_LIMIT,
    502: FaultKind.BAD_GATEWAY,
}


@dataclass(frozen=True)
class Fault:
    """`times` is None for a fault that stays until it is cleared; `delay` and `retry_after` are seconds.

    `after` is how many matching requests pass before it strikes; "" as `key_id` or `method` means any.
    """

    path: str
    kind: FaultKind
    status: int = 500
    times: int | None = 1
    key_id: str = ""
    delay: float = 0.0
    retry_after: int | None = None
    after: int = 0
    method: str = ""

    def matches(self, method: str, path: str, key_id: str) -> bool:
        return path.startswith(self.path) and self.key_id in ("", key_id) and self.method in ("", method)

    def error(self, team_id: str) -> ApiError | None:
        """The error that this fault answers with; None where it does something else to the answer."""
        if self.kind is FaultKind.MEMBERSHIP:
            return errors.membership_expired(team_id)
        if self.kind is FaultKind.SERVER_ERROR:
            return errors.unexpected_error(self.status)
        makers = {
            FaultKind.RATE_LIMIT: errors.rate_limit_exceeded,
            FaultKind.UNAUTHORIZED: errors.not_authorized,
            FaultKind.AGREEMENTS: errors.agreements_missing,
            FaultKind.ROLE: errors.role_forbidden,
            FaultKind.BAD_CURSOR: errors.invalid_cursor,
        }
        make = makers.get(self.kind)
        return make() if make else None


def kind_for(status: int | None, delay: float) -> FaultKind:
    """The kind of fault that a caller means who gave only a status, or only a delay."""
    if status is None and delay > 0:
        return FaultKind.SLOW
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status is not None and 500 <= status < 600:
        return FaultKind.SERVER_ERROR
    raise ValueError(f"No fault has the status {status}: give a kind")


class Faults:
    """The faults that wait for their requests, first come first struck."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def strike(self, method: str, path: str, key_id: str) -> Fault | None:
        """The fault that strikes this request, if any; one of its times is used up.

        Each fault counts the matching requests for itself, also those that another one strikes.
        """
        struck: Fault | None = None
        left = []
        with self._lock:
            for fault in self._waiting:
                now: Fault | None = fault
                if fault.matches(method, path, key_id):
                    if fault.after:
                        now = replace(fault, after=fault.after - 1)
                    elif struck is None:
                        struck, now = fault, _once_less(fault)
                if now is not None:
                    left.append(now)
            self._waiting = left
        return struck


def _once_less(fault: Fault) -> Fault | None:
    if fault.times is None:
        return fault
    return replace(fault, times=fault.times - 1) if fault.times > 1 else None
