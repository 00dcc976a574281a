"""The sandbox itself: two listeners, one for each API, over one set of teams."""

from collections.abc import Mapping
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from appstore.sandbox import auth
from appstore.sandbox.api import Api
from appstore.sandbox.control import PREFIX, Control
from appstore.sandbox.exchange import Answer, Call, Request, RequestLog
from appstore.sandbox.faults import Fault, FaultKind, Faults, kind_for
from appstore.sandbox.listener import Answering, Listener
from appstore.sandbox.model import Program
from appstore.sandbox.ratelimit import RateLimit
from appstore.sandbox.registry import Registry
from appstore.sandbox.writing.certificates import DEFAULT_LIMITS

STATE_FILE = "state.json"


class Sandbox(Registry):
    """A local App Store Connect, and a local Enterprise Program API beside it.

    `certificate_limits` are the certificates that a team may have of a type, before Apple's 409; a type that
    is not named has none, and the numbers can be changed while it runs.

    With `data_dir` it remembers teams, objects and public keys there. A port of 0 takes any free one, and
    keeps it for later starts of the same sandbox. Use it as a context manager, or `start()` and `stop()` it.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        enterprise_port: int = 0,
        latency_ms: int = 0,
        hourly_limit: int = 3600,
        certificate_limits: Mapping[str, int] = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(data_dir / STATE_FILE if data_dir else None)
        self.requests = RequestLog()
        self.certificate_limits = dict(certificate_limits)
        self._host = host
        self._ports = {Program.APP_STORE: port, Program.ENTERPRISE: enterprise_port}
        self._latency = latency_ms / 1000
        self._faults = Faults()
        self._rate = RateLimit(hourly_limit)
        self._stopping = Event()
        self._listeners: dict[Program, Listener] = {}
        self._control = Control(self)

    def start(self) -> None:
        """Listen on both ports; OSError where one is taken."""
        if self._listeners:
            raise RuntimeError("The sandbox is running already")
        self._stopping.clear()
        try:
            for program, port in self._ports.items():
                self._listeners[program] = Listener(self._host, port, self._answering(program))
        except OSError:
            self._close()
            raise
        for program, listener in self._listeners.items():
            self._ports[program] = listener.server_address[1]
            listener.start()

    def stop(self) -> None:
        """Hang up on everybody and free the ports; no thread is left."""
        self._stopping.set()
        for listener in self._listeners.values():
            listener.stop()
        self._listeners.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return self._url(Program.APP_STORE)

    @property
    def enterprise_url(self) -> str:
        return self._url(Program.ENTERPRISE)

    @property
    def faults(self) -> list[Fault]:
        """The faults that still wait for a request."""
        return self._faults.waiting()

    def inject(
        self,
        path: str = "/",
        status: int | None = None,
        *,
        times: int | None = 1,
        kind: str | None = None,
        key_id: str = "",
        delay: float = 0.0,
        retry_after: int | None = None,
        after: int = 0,
        method: str = "",
    ) -> Fault:
        """Let the next `times` requests under `path` go wrong (None: all, until cleared); see FaultKind.

        `kind` may be left out where `status` or `delay` says enough. With `key_id` only that key is struck, with
        `method` only that method, and the first `after` of the requests that match pass.
        """
        chosen = FaultKind(kind) if kind else kind_for(status, delay)
        if chosen in (FaultKind.SLOW, FaultKind.DRIP) and delay <= 0:
            raise ValueError("A slow answer needs a delay")
        if after < 0:
            raise ValueError("A fault cannot strike before its first request")
        default = 502 if chosen is FaultKind.BAD_GATEWAY else 500
        fault = Fault(
            path,
            chosen,
            status or default,
            times,
            key_id,
            delay,
            retry_after,
            after,
            method.upper(),
        )
        self._faults.add(fault)
        return fault

    def clear_faults(self) -> None:
        self._faults.clear()

    def _url(self, program: Program) -> str:
        if program not in self._listeners:
            raise RuntimeError("The sandbox is not running: start() it first")
        return self._listeners[program].url

    def _close(self) -> None:
        for listener in self._listeners.values():
            listener.server_close()
        self._listeners.clear()

    def _answering(self, program: Program) -> Answering:
        api = Api(
            program,
            state=self._state,
            faults=self._faults,
            rate=self._rate,
            stopping=self._stopping,
            latency=self._latency,
            certificate_limits=self.certificate_limits,
        )

        def answer(call: Call) -> Answer | None:
            if call.path.startswith(PREFIX):
                return self._control.answer(call)
            query = dict(parse_qsl(call.raw_query, keep_blank_values=True))
            request = Request(call.method, call.path, query, auth.claimed_key_id(call.authorization))
            self.requests.record(request)
            answered = api.answer(call)
            request.status = answered.status if answered else 0
            return answered

        return answer
