"""One request to Apple, one whole answer: authenticated, bounded in size and time, repeated only after a 401.

Retrying, waiting and giving up belong to the caller, whose job row remembers them.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol

import requests
from requests.auth import AuthBase

from .error_answers import error_from_response
from .errors import AppStoreConnectError, Unauthorized, UnexpectedAnswer, Unreachable
from .failures import translated
from .http_time import http_date
from .origin import Origin
from .tokens import TokenMinter

USER_AGENT = "CredHub"
CHUNK = 512 * 1024  # each costs a wait for the interpreter, which those who read the pages before have
DONE = {"GET": (200,), "POST": (200, 201), "PATCH": (200,), "DELETE": (200, 204)}
WORTH_MENTIONING = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its JSON object (empty for a 204), and the values of its X-Rate-Limit headers."""

    document: dict[str, Any]
    rate_limits: list[str]


class Doubt:
    """What those who share a key know of its being refused: one of them asks again, and the others take its answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refused: set[TokenMinter] = set()

    def again(self, minter: TokenMinter, error: Unauthorized, ask: Callable[[], Answer]) -> Answer:
        """Raises `error` where asking again was refused before."""
        with self._lock:
            if minter in self._refused:
                raise error
            try:
                return ask()
            except Unauthorized:
                self._refused.add(minter)
                raise


class Gate(Protocol):
    """What counts and holds back requests. Called from the thread that sends them."""

    doubt: Doubt

    def before(self) -> None:
        """Before each request; may wait, or raise to refuse it."""

    def after(self, rate_limit: str) -> None:
        """With the X-Rate-Limit of each answer, "" where it has none."""


class _Bearer(AuthBase):
    # As `auth` and not as a header: requests would put a .netrc entry for the host in the header's place. And
    # as an object: a traceback's local variables then do not show the token.
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def new_session() -> requests.Session:
    """A session for this API: verifies TLS, honours the environment's proxies, keeps no cookies.

    It may be shared by the clients of several keys of one thread, which saves TLS handshakes.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


class Transport:
    """Sends requests below one origin. Times in seconds, `max_bytes` counted after decompression."""

    def __init__(
        self,
        origin: Origin,
        minter: TokenMinter,
        session: requests.Session,
        *,
        connect_timeout: float,
        read_timeout: float,
        total_timeout: float,
        max_bytes: int,
        gate: Gate | None = None,
    ) -> None:
        self._gate = gate
        self._doubt = gate.doubt if gate else Doubt()
        self._origin = origin
        self._minter = minter
        self._session = session
        self._timeout = (connect_timeout, read_timeout)
        self._total_timeout = total_timeout
        self._max_bytes = max_bytes
        self.clock_skew: timedelta | None = None

    def get(self, url: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """The answer to a GET. Whatever the other side does, nothing but AppStoreConnectError is raised."""
        return self._sent("GET", url, params=params)

    def send(self, method: str, url: str, document: Mapping[str, Any] | None = None) -> Answer:
        """The answer to a POST, PATCH or DELETE.

        Where no good answer comes, it may have been carried out all the same (see `reconcile`).
        """
        return self._sent(method, url, json=document)

    def _sent(self, method: str, url: str, **content: Any) -> Answer:
        """A 401 is asked again once with a new token: Apple refuses valid ones now and then (FACTS B).

        What was refused so was not carried out, so that writes can be repeated, too.
        """
        try:
            return self._once(method, url, _Bearer(self._minter.token()), content)
        except Unauthorized as error:
            return self._doubt.again(
                self._minter,
                error,
                lambda: self._once(method, url, _Bearer(self._minter.fresh()), content),
            )

    def _once(self, method: str, url: str, bearer: _Bearer, content: Mapping[str, Any]) -> Answer:
        if self._gate:
            self._gate.before()
        deadline = time.monotonic() + self._total_timeout
        with (
            translated(self._origin.host, *self._timeout),
            self._session.request(
                method,
                url,
                **content,
                auth=bearer,
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip",
                    "User-Agent": USER_AGENT,
                },
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            self._notice_clock(response.headers.get("Date", ""))
            if self._gate:
                self._gate.after(response.headers.get("X-Rate-Limit", ""))
            body = self._read(response, deadline)
        if response.status_code not in DONE[method]:
            raise self._refusal(response, body, f"{method} {self._origin.path_of(url)}")
        document = {} if response.status_code == 204 else _json_object(body)
        # requests joins repeated headers with a comma
        return Answer(document, [response.headers.get("X-Rate-Limit", "")])

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        # read1 returns what has come, so that the deadline is looked at even when bytes only trickle in.
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._max_bytes:
                raise UnexpectedAnswer(
                    f"The answer is larger than {self._max_bytes} bytes, which none of Apple's is. Check "
                    "the configured address and proxy.",
                    status=response.status_code,
                    too_much=True,
                )
            if time.monotonic() > deadline:
                raise Unreachable(
                    f"{self._origin.host} did not finish its answer within {self._total_timeout:g} s. "
                    "Try again in a few minutes.",
                    too_much=True,
                )
        return bytes(body)

    def _refusal(self, response: requests.Response, body: bytes, path: str) -> AppStoreConnectError:
        error = error_from_response(response.status_code, response.headers, body, path)
        skew = self.clock_skew
        if isinstance(error, Unauthorized) and skew is not None and abs(skew) > WORTH_MENTIONING:
            where = "ahead of" if skew > timedelta() else "behind"
            clock = f"This server's clock is {_spoken(abs(skew))} {where} Apple's: correct that first."
            return Unauthorized(f"{error.message} {clock}", status=error.status, apple=error.apple)
        return error

    def _notice_clock(self, date: str) -> None:
        theirs = http_date(date)
        if theirs is not None:
            self.clock_skew = datetime.now(UTC) - theirs


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UnexpectedAnswer(
            "The answer is not the JSON that Apple sends. Check the configured address and proxy.", status=200
        )
    return document


def _spoken(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes == 1:
        return "1 minute"
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
