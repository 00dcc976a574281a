"""Outgoing requests go to public addresses and to what the operator named, and nothing leads them elsewhere."""

import datetime as dt
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from organizations import outgoing
from organizations.outgoing import OutgoingRefusedError, OutgoingSession, is_public

INWARDS = [
    "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",  # noqa: S104
    "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a00:1::1", "2001:db8::1", "168.63.129.16", "::ffff:168.63.129.16", "192.0.0.192", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INWARDS)
def test_what_leads_inwards(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "17.253.144.10", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_what_is_public(address: str) -> None:
    assert is_public(address)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        status, headers, body = self.server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def serving(
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"{}"), tls: Path | None = None
) -> Iterator[Any]:
    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answer, server.asked = answer, []
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the resolver says. Each name is asked of it once."""
    known: dict[str, list[str]] = {}

    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        if host[0].isdigit():
            return real(host, port, *args, **kwargs)
        if host not in known:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in known[host]]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", resolve)
    return known


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["10.0.0.1", "1.1.1.1"]],
    ids=["one", "last", "first"],
)
def test_a_name_is_refused_when_any_of_its_addresses_is_inside(names: Any, addresses: list[str]) -> None:
    names["idp.example"] = addresses
    with pytest.raises(OutgoingRefusedError, match="CREDHUB_OUTGOING_ALLOW"):
        OutgoingSession().get("https://idp.example/")


def test_a_connection_goes_to_an_address_that_was_looked_at(
    names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere at the second look (DNS rebinding) finds no second look."""
    names["idp.example"] = ["1.1.1.1", "8.8.8.8"]
    tried: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_args: Any) -> socket.socket:
        tried.append(address)
        names["idp.example"] = ["127.0.0.1"]
        raise ConnectionRefusedError

    monkeypatch.setattr(outgoing.socket, "create_connection", connect)
    with pytest.raises(OutgoingRefusedError, match="does not answer"):
        OutgoingSession().get("https://idp.example/")
    assert tried == [("1.1.1.1", 443), ("8.8.8.8", 443)]


@pytest.mark.parametrize("url", ["http://idp.example/", "ftp://idp.example/", "file:///etc/passwd"])
def test_only_https(names: Any, url: str) -> None:
    names["idp.example"] = ["1.1.1.1"]
    with pytest.raises(requests.RequestException):
        OutgoingSession().get(url)


def test_an_allowed_host_is_asked_and_only_that(names: Any, settings: Settings) -> None:
    names["vault.internal"] = names["other.internal"] = ["127.0.0.1"]
    settings.CREDHUB_OUTGOING_ALLOW = ["vault.internal"]
    with serving((200, {}, b'{"fine": true}')) as server:
        port = server.server_address[1]
        answer = OutgoingSession().get(f"http://vault.internal:{port}/v1?x=1")
        assert answer.json() == {"fine": True}
        assert (server.asked[0][0], server.asked[0][1]["Host"]) == ("/v1?x=1", f"vault.internal:{port}")
        for host in ("other.internal", "127.0.0.1", "vault.internal.evil.example"):
            with pytest.raises(OutgoingRefusedError):
                OutgoingSession().get(f"http://{host}:{port}/")
        assert len(server.asked) == 1


def test_this_machine_is_asked_while_developing(settings: Settings) -> None:
    with serving() as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        with pytest.raises(OutgoingRefusedError):
            OutgoingSession().get(url)
        settings.DEBUG = True
        assert OutgoingSession().get(url).status_code == 200


def test_no_redirect_is_followed(settings: Settings) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    with serving((302, {"Location": "/inside"}, b"")) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        assert OutgoingSession().get(url, allow_redirects=True).status_code == 302
        assert [path for path, _ in server.asked] == ["/"]


@pytest.mark.parametrize("size", [outgoing.MAX_BYTES, outgoing.MAX_BYTES + 1])
def test_the_size_of_an_answer_has_an_end(settings: Settings, size: int) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    with serving((200, {}, b"x" * size)) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        if size > outgoing.MAX_BYTES:
            with pytest.raises(OutgoingRefusedError, match="larger"):
                OutgoingSession().get(url)
        else:
            assert len(OutgoingSession().get(url).content) == size


@pytest.mark.parametrize(
    "headers",
    [{"Content-Encoding": "gzip"}, {"Content-Encoding": ",".join(["gzip"] * 9)}, {"Transfer-Encoding": "chunked"}],
    ids=["not packed", "packed often", "not in chunks"],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_none(settings: Settings, headers: dict[str, str]) -> None:
    """Many are sent side by side: one that raised something else would take the others with it."""
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    with serving((200, headers, b"no such thing\r\n")) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        with pytest.raises(requests.ConnectionError):
            OutgoingSession().get(url)
        assert outgoing.post(url, b"", {}).status is None


def test_the_environment_is_not_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    monkeypatch.delenv("no_proxy", raising=False)
    with serving((200, {"Set-Cookie": "a=b"}, b"{}")) as server:
        session = OutgoingSession()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        assert session.get(url, proxies={"http": "http://127.0.0.1:1/"}).ok
        session.get(url)
        assert not any("Authorization" in headers or "Cookie" in headers for _, headers in server.asked)


def make_tls_certificate(folder: Path, host: str) -> Path:
    """A certificate that signs itself, and its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    path = folder / "tls.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return path


def test_tls_is_verified_against_the_name_and_not_the_address(
    names: Any, settings: Settings, tmp_path: Path
) -> None:
    names["vault.internal"] = names["other.internal"] = ["127.0.0.1"]
    settings.CREDHUB_OUTGOING_ALLOW = ["vault.internal", "other.internal"]
    certificate = make_tls_certificate(tmp_path, "vault.internal")
    with serving(tls=certificate) as server:
        session, port = OutgoingSession(), server.server_address[1]
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"https://vault.internal:{port}/")  # of an authority that nobody knows
        assert session.get(f"https://vault.internal:{port}/", verify=str(certificate)).ok
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"https://other.internal:{port}/", verify=str(certificate))
        with pytest.raises(OutgoingRefusedError, match="verified"):
            session.get(f"https://vault.internal:{port}/", verify=False)


def test_a_host_that_does_not_answer_or_is_not_known(names: Any, settings: Settings) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = ["vault.internal"]
    with pytest.raises(OutgoingRefusedError, match="not known"):
        OutgoingSession().get("https://vault.internal/")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        names["vault.internal"] = ["127.0.0.1"]
        with pytest.raises(OutgoingRefusedError, match="does not answer"):
            OutgoingSession().get(f"http://vault.internal:{taken.getsockname()[1]}/")


def test_a_head_that_trickles_in_is_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timeout is between two bytes: without an end of the whole, a receiver holds on for as long as it likes."""
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(outgoing, "TOTAL_SECONDS", 0.3)
    ended = threading.Event()

    def trickle(listening: socket.socket) -> None:
        opened, _ = listening.accept()
        with opened, suppress(OSError):
            opened.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.05):
                opened.sendall(b"X-More: x\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=(listening,), daemon=True)
        thread.start()
        reply = outgoing.post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {}, timeout=(5, 60))
        ended.set()
        thread.join(5)
    assert (reply.status, reply.text) == (None, "No whole answer within 0.3 s.")
