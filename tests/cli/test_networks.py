"""A private CA and a proxy, with real sockets."""

import ipaddress
import json
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.cli.conftest import Run

ORGANIZATION = {"slug": "acme", "name": "Acme", "id": "1", "root": None, "items": [], "next_cursor": None}


class Instance(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(ORGANIZATION).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


class Proxy(Instance):
    """Tunnels, for whoever knows the password."""

    asked: list[str] = []

    def do_CONNECT(self) -> None:
        if self.headers.get("Proxy-Authorization") != "Basic YWRhOnNlY3JldA==":  # ada:secret
            self.send_error(407)
            return
        self.asked.append(self.path)
        host, port = self.path.split(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            ends = {there: self.connection, self.connection: there}
            while ready := select.select(list(ends), [], [], 30)[0]:
                for end in ready:
                    if not (some := end.recv(65536)):
                        return
                    ends[end].sendall(some)


@contextmanager
def running(handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_args: None  # type: ignore[method-assign] - who does not trust us hangs up
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    """A certificate that vouches for itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A CA of our own")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "ca.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return file


def test_a_private_ca_behind_a_proxy(credhub: Run, ca: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ):
        monkeypatch.delenv(name, raising=False)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(ca)
    monkeypatch.setenv("CREDHUB_TOKEN", "chub_" + "x" * 49)
    with running(Instance, tls) as port, running(Proxy) as proxy:
        monkeypatch.setenv("CREDHUB_URL", f"https://127.0.0.1:{port}")
        unknown = credhub("keys", "--json")
        assert (unknown.code, unknown.error["code"]) == (7, "tls")
        assert credhub("keys", "--ca-file", str(ca)).code == 0
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca))
        assert credhub("keys").code == 0
        assert credhub("keys", "--ca-file", "/not/there.pem", "--json").error["code"] == "ca-file"
        assert Proxy.asked == []
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:secret@127.0.0.1:{proxy}")
        assert credhub("keys").code == 0
        assert Proxy.asked == [f"127.0.0.1:{port}"]
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:hunter2@127.0.0.1:{proxy}")
        refused = credhub("keys", "--json")
        assert (refused.code, refused.error["code"], "hunter2" in refused.err) == (7, "proxy", False)
