"""HTTP: reads a request, has it answered, writes the answer: in one piece, unless a fault says otherwise."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from appstore.sandbox.exchange import Answer, Call

if TYPE_CHECKING:
    from appstore.sandbox.listener import Listener

LONGEST_BODY = 1 << 20


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        listener = cast("Listener", self.server)
        parts = urlsplit(self.path)
        host = self.headers.get("Host")
        call = Call(
            method=self.command,
            base=f"http://{host}" if host else listener.url,
            path=parts.path,
            raw_query=parts.query,
            authorization=self.headers.get("Authorization", ""),
            peer=str(self.client_address[0]),
            headers=dict(self.headers.items()),
            body=body,
        )
        answer = listener.answering(call)
        if answer is None:
            self.close_connection = True
        else:
            self._write(answer)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve  # noqa: N815 - http.server's names

    def _body(self) -> bytes | None:
        """The whole body, so that the next request on this connection starts where it should."""
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= LONGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._write(Answer(413))
            return None
        return self.rfile.read(length)

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if answer.pieces is None:
            self.wfile.write(answer.body)
        else:
            self._write_pieces(answer.pieces, len(answer.body))

    def _write_pieces(self, pieces: Iterator[bytes], announced: int) -> None:
        """One after the other, and the headers before them. Fewer than announced end with the connection."""
        self.wfile.flush()
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            announced -= len(piece)
        self.close_connection = self.close_connection or announced > 0

    def version_string(self) -> str:
        return "CredHub-Sandbox"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gave it
        """Quiet: the sandbox keeps its own record of requests."""
