"""What passes between HTTP and the APIs, and the record of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_LONGEST_RECORD = 10_000


@dataclass(frozen=True)
class Call:
    """An HTTP request: `base` is the scheme and host that the client used, `peer` its address."""

    method: str
    base: str
    path: str
    raw_query: str
    authorization: str
    peer: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def target(self) -> str:
        return f"{self.path}?{self.raw_query}" if self.raw_query else self.path


@dataclass
class Answer:
    """`pieces` come in the body's place where it is to come slowly, or not whole."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    pieces: Iterator[bytes] | None = None


@dataclass
class Request:
    """A request to one of the APIs. `key_id` is the one that its token names, verified or not.

    `status` is 0 while there is no answer, and stays so where none is ever given.
    """

    method: str
    path: str
    query: dict[str, str]
    key_id: str
    status: int = 0


class RequestLog(list[Request]):
    """Requests as they arrived. The oldest are forgotten, so that a long-lived sandbox stays small."""

    def record(self, request: Request) -> None:
        self.append(request)
        if len(self) > _LONGEST_RECORD:
            del self[: _LONGEST_RECORD // 10]
