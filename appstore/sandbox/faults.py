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
    SERVER_ERROR = "server_error"  # 500 and its neighbours, with a JSON body
    BAD_GATEWAY = "bad_gateway"  # 502 with an HTML body
    SLOW = "slow"  # the right answer, late
    HANG = "hang"  # no answer: the connection stays open until `delay`, or the end
    MALFORMED = "malformed"  # 200, with JSON that breaks off
    ENDLESS = "endless"  # links.next leads back to the same page


_BY_STATUS = {
    401: FaultKind.UNAUTHORIZED,
    403: FaultKind.ROLE,
    429: FaultKind.RATE_LIMIT,
    502: FaultKind.BAD_GATEWAY,
}


@dataclass(frozen=True)
class Fault:
    """`times` is None for a fault that stays until it is cleared; `delay` and `retry_after` are seconds."""

    path: str
    kind: FaultKind
    status: int = 500
    times: int | None = 1
    key_id: str = ""
    delay: float = 0.0
    retry_after: int | None = None

    def matches(self, path: str, key_id: str) -> bool:
        return path.startswith(self.path) and self.key_id in ("", key_id)

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

    def strike(self, path: str, key_id: str) -> Fault | None:
        """The fault that strikes this request, if any; one of its times is used up."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if not fault.matches(path, key_id):
                    continue
                if fault.times is not None:
                    if fault.times > 1:
                        self._waiting[index] = replace(fault, times=fault.times - 1)
                    else:
                        del self._waiting[index]
                return fault
        return None
