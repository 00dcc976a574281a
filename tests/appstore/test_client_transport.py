"""Requests against a server on this machine: what is sent, and every way in which an answer can go wrong."""

import gzip
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import (
    AppStoreConnectError,
    RateLimited,
    ServerError,
    UnexpectedAnswer,
    Unreachable,
)
from appstore.client.tokens import TokenMinter
from appstore.client.transport import new_session

PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
DOCUMENT = {"data": [], "links": {"self": "https://x"}}

Handle = Callable[[BaseHTTPRequestHandler], None]


def minter() -> TokenMinter:
    return TokenMinter("2X9R4HXF34", "issuer", PEM, "appstoreconnect-v1", "TEAM")


def client(url: str, **options: float) -> AppStoreConnectClient:
    return AppStoreConnectClient(url, minter(), **{"connect_timeout": 5, "read_timeout": 5} | options)


class Server(ThreadingHTTPServer):
    """Answers with one handler after the other, the last one for ever; remembers what was asked."""

    daemon_threads = True

    def __init__(self, *handlers: Handle) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append((self.path, dict(self.headers)))
                handlers[min(len(server.requests), len(handlers)) - 1](self)

            def log_message(self, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *args: object) -> None:
        """A client that hangs up is what these tests are about."""


@contextmanager
def serving(*handlers: Handle) -> Iterator[Server]:
    with Server(*handlers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def answering(body: bytes = json.dumps(DOCUMENT).encode(), status: int = 200, **headers: str) -> Handle:
    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response_only(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return handle


def refused(
    kind: type[AppStoreConnectError], *handlers: Handle, **options: float
) -> tuple[AppStoreConnectError, Server]:
    """The error of a request that the handlers answer, and the server that remembers it."""
    with serving(*handlers) as server, client(server.url, **options) as apple, pytest.raises(kind) as caught:
        apple.get("/v1/apps")
    return caught.value, server


def test_a_request_says_who_asks_and_what_is_wanted() -> None:
    with serving(answering()) as server, client(server.url) as apple:
        assert apple.get("/v1/apps", {"limit": 1, "filter[bundleId]": "com.x"}) == DOCUMENT

    path, headers = server.requests[0]
    assert path == "/v1/apps?limit=1&filter%5BbundleId%5D=com.x"
    assert headers["Accept"] == "application/json"
    assert headers["User-Agent"] == "CredHub"
    assert headers["Authorization"].startswith("Bearer eyJ")


def test_a_netrc_file_cannot_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))

    with serving(answering()) as server, client(server.url) as apple:
        apple.get("/v1/apps")

    assert server.requests[0][1]["Authorization"].startswith("Bearer ")


def test_cookies_are_not_kept() -> None:
    with serving(answering(Set_Cookie="a=b; Path=/")) as server, client(server.url) as apple:
        apple.get("/v1/apps")
        apple.get("/v1/apps")

    assert "Cookie" not in server.requests[1][1]


def test_proxies_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving(answering()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with client("http://apple.invalid") as apple:
            apple.get("/v1/apps")

    assert proxy.requests[0][0] == "http://apple.invalid/v1/apps"


def test_a_session_that_was_passed_in_stays_open() -> None:
    with serving(answering()) as server, new_session() as session:
        for _ in range(2):
            with AppStoreConnectClient(server.url, minter(), session=session) as apple:
                apple.get("/v1/apps")

    assert len(server.requests) == 2


# --- other answers


def test_nothing_else_is_retried() -> None:
    for status, kind in ((500, ServerError), (429, RateLimited)):
        _, server = refused(kind, answering(b"", status))
        assert len(server.requests) == 1


def test_an_html_502_is_a_server_error() -> None:
    error, _ = refused(ServerError, answering(b"<html>Bad Gateway</html>", 502))

    assert "HTTP 502" in error.message


def test_a_redirect_is_not_followed() -> None:
    with serving(answering()) as elsewhere:
        redirect = answering(b"", 302, Location=f"{elsewhere.url}/v1/apps")
        error, _ = refused(UnexpectedAnswer, redirect)

    assert "HTTP 302" in error.message
    assert not elsewhere.requests


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Sign in to the hotel's network</html>", b'{"data": ', b"[]", b"3", b"\xff", b"[" * 100_000],
)
def test_an_answer_that_is_not_a_json_object_is_unexpected(body: bytes) -> None:
    error, _ = refused(UnexpectedAnswer, answering(body))

    assert "not the JSON" in error.message


def test_a_large_answer_is_cut_off() -> None:
    error, _ = refused(UnexpectedAnswer, answering(b" " * 2000), max_bytes=1000)

    assert "larger than 1000 bytes" in error.message


def test_the_size_counts_after_decompression() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    error, _ = refused(UnexpectedAnswer, answering(bomb, Content_Encoding="gzip"), max_bytes=1_000_000)

    assert "larger than" in error.message


def test_a_compressed_answer_is_read() -> None:
    handle = answering(gzip.compress(json.dumps(DOCUMENT).encode()), Content_Encoding="gzip")
    with serving(handle) as server, client(server.url) as apple:
        assert apple.get("/v1/apps") == DOCUMENT

    assert server.requests[0][1]["Accept-Encoding"] == "gzip"


def test_a_damaged_compression_is_unexpected() -> None:
    error, _ = refused(UnexpectedAnswer, answering(b"not gzip at all", Content_Encoding="gzip"))

    assert "cannot be decompressed" in error.message


def test_a_chunked_answer_is_read() -> None:
    def handle(request: BaseHTTPRequestHandler) -> None:
        request.protocol_version = "HTTP/1.1"
        request.send_response_only(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for piece in re.findall(b".{1,7}", json.dumps(DOCUMENT).encode()):
            request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        request.wfile.write(b"0\r\n\r\n")

    with serving(handle) as server, client(server.url) as apple:
        assert apple.get("/v1/apps") == DOCUMENT


# --- no answer


def test_a_server_that_hangs_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with client(url, read_timeout=0.2) as apple, pytest.raises(Unreachable) as caught:
            apple.get("/v1/apps")

    assert "did not answer within 0.2 s" in caught.value.message
    assert caught.value.transient
    assert caught.value.status is None


def test_a_server_that_stops_amid_its_answer_is_given_up() -> None:
    done = threading.Event()

    def handle(request: BaseHTTPRequestHandler) -> None:
        answering(b"{", Content_Length="100")(request)
        done.wait(5)

    with serving(handle) as server, client(server.url, read_timeout=0.2) as apple:
        with pytest.raises(Unreachable, match=r"did not answer within 0\.2 s"):
            apple.get("/v1/apps")
        done.set()


def test_a_server_that_trickles_is_given_up_at_the_total_deadline() -> None:
    done = threading.Event()

    def handle(request: BaseHTTPRequestHandler) -> None:
        answering(b"{", Content_Length="100")(request)
        while not done.wait(0.05):
            request.wfile.write(b" ")

    with serving(handle) as server, client(server.url, read_timeout=2, total_timeout=0.4) as apple:
        with pytest.raises(Unreachable, match=r"did not finish its answer within 0\.4 s"):
            apple.get("/v1/apps")
        done.set()


def test_a_server_that_hangs_up_early_is_unreachable() -> None:
    error, _ = refused(Unreachable, answering(b"{", Content_Length="100"))

    assert "the connection broke" in error.message


def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with client(url) as apple, pytest.raises(Unreachable, match="could not be reached"):
        apple.get("/v1/apps")


def test_a_server_without_tls_is_not_spoken_to() -> None:
    with serving(answering()) as server:
        url = server.url.replace("http:", "https:")
        with client(url) as apple, pytest.raises(Unreachable, match="secure connection"):
            apple.get("/v1/apps")

    assert not server.requests
