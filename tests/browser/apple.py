"""The local Apple of the browser tests: a sandbox that can hold an answer back while a page is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from appstore.sandbox.exchange import Answer, Call
from appstore.sandbox.listener import Answering
from appstore.sandbox.model import Program
from appstore.sandbox.server import Sandbox


class HeldSandbox(Sandbox):
    """`with sandbox.holding("/v1/profiles"):` the lists below that path wait until the block ends; a check does not."""

    _held = ""

    @contextmanager
    def holding(self, path: str) -> Iterator[None]:
        self._let_go = Event()
        self._held = path
        try:
            yield
        finally:
            self._held = ""
            self._let_go.set()

    def _answering(self, program: Program) -> Answering:
        answering = super()._answering(program)

        def answer(call: Call) -> Answer | None:
            if self._held and call.path.startswith(self._held) and call.raw_query != "limit=1":
                self._let_go.wait()
            return answering(call)

        return answer
