"""The one door for requests to addresses that an operator or an owner configured: identity and key providers, webhooks.

Such an address may point inwards by mistake or by malice: at a neighbour, at the metadata service of a cloud, at
ourselves. So a name is resolved once for each connection, all of its addresses must be public, and the connection goes
to an address that was looked at; TLS is verified against the name. (Apple has its own client: appstore/client.)
"""

import io
import ipaddress
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as urllib3_errors
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

TIMEOUT = (5.0, 15.0)  # seconds to connect, and between two bytes
TOTAL_SECONDS = 30.0
MAX_BYTES = 1024 * 1024
LOOPBACK = ("localhost", "127.0.0.1", "::1")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Public by the registry, and inside all the same: metadata of two clouds, and networks of one's own as of before 2004
INSIDE = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24", "fec0::/10")))


class OutgoingRefusedError(requests.RequestException):
    """The request was not sent, or its answer not kept; the message says why and what to set."""


class _NoWayError(Exception):
    """The same while the connection is opened, where urllib3 takes every OSError for its own."""


class OutgoingSession(requests.Session):
    """Takes nothing from the environment (proxies, .netrc), follows no redirect, keeps no cookie."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, resp: Any) -> None:
        """A redirect is an answer like any other: where it leads was configured by nobody."""


@dataclass(frozen=True)
class Reply:
    """What came of a POST. Without a status nothing came, and `text` says why."""

    status: int | None
    text: str
    retry_after: str = ""


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: tuple[float, float] = TIMEOUT) -> Reply:
    """Send it. Raises nothing."""
    try:
        with OutgoingSession() as session:
            answer = session.post(url, data=body, headers=dict(headers), timeout=timeout)
        text = answer.content[:1000].decode("utf-8", "replace")
        return Reply(answer.status_code, text, answer.headers.get("Retry-After", ""))
    except OutgoingRefusedError as error:
        return Reply(None, str(error))
    except requests.exceptions.SSLError:
        return Reply(None, "Its certificate is not valid.")
    except requests.exceptions.Timeout:
        return Reply(None, "No answer in time.")
    except (requests.RequestException, ValueError, OSError):
        return Reply(None, "The connection broke before there was an answer.")


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        if not (request.url or "").startswith("https://") and not is_allowed(_host_of(request)):
            raise OutgoingRefusedError(
                "Only https addresses are asked, but for hosts in CREDHUB_OUTGOING_ALLOW.", request=request
            )
        if verify is False:
            raise OutgoingRefusedError("TLS is always verified.", request=request)
        deadline = time.monotonic() + TOTAL_SECONDS
        # No proxies, whoever passes them: what a proxy connects to is not looked at here.
        try:
            response = super().send(request, True, timeout or TIMEOUT, verify, cert, None)
        except _NoWayError as error:
            raise OutgoingRefusedError(str(error), request=request) from None
        try:
            body = _read(response, deadline)
        except urllib3_errors.HTTPError:
            # requests puts its own error in the place of urllib3's only where it reads the body itself.
            raise requests.ConnectionError(
                "The answer broke off, or cannot be read.", request=request
            ) from None
        finally:
            response.close()
        response.raw = io.BytesIO(body)
        return response


def _read(response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    while chunk := response.raw.read1(64 * 1024, decode_content=True):
        body += chunk
        if len(body) > MAX_BYTES:
            raise OutgoingRefusedError(f"The answer is larger than {MAX_BYTES} bytes.", response=response)
        if time.monotonic() > deadline:
            raise OutgoingRefusedError(f"No whole answer within {TOTAL_SECONDS:g} s.", response=response)
    return bytes(body)


def _host_of(request: requests.PreparedRequest) -> str:
    return urlsplit(request.url or "").hostname or ""


def is_allowed(host: str) -> bool:
    """Hosts that may be inside: named by the operator, or this machine while developing."""
    host = host.strip("[]").rstrip(".").lower()
    return host in settings.CREDHUB_OUTGOING_ALLOW or (settings.DEBUG and host in LOOPBACK)


def is_public(address: str) -> bool:
    """False for anything that leads inwards, also in the disguise of an IPv6 address that carries an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if not inner and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    if any(ip in network for network in INSIDE):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _addresses(host: str, port: int) -> list[str]:
    """Where the name leads, in the resolver's order. _NoWayError unless all of it is public or allowed."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _NoWayError(f"The host {host} is not known.") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not is_allowed(host) and not all(map(is_public, addresses)):
        raise _NoWayError(
            f"{host} leads to an address that is not public. If it is meant, name it in CREDHUB_OUTGOING_ALLOW."
        )
    return addresses


class _ToPublicAddress:
    """Mixed into urllib3's connections: how their socket is opened."""

    host: str
    port: int
    timeout: Any
    source_address: Any
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        trouble: OSError | None = None
        for address in _addresses(self.host, self.port):
            try:
                opened = socket.create_connection((address, self.port), self.timeout, self.source_address)
            except OSError as error:
                trouble = error
                continue
            for option in self.socket_options or ():
                opened.setsockopt(*option)
            return opened
        raise _NoWayError(f"{self.host} does not answer.") from trouble

    sock: Any

    def getresponse(self) -> Any:
        """A head that trickles in ends, too: the timeout is between two bytes only."""
        with _cut_off(self.sock, TOTAL_SECONDS):
            return super().getresponse()  # type: ignore[misc]  # the connection's


@contextmanager
def _cut_off(opened: socket.socket, seconds: float) -> Iterator[None]:
    """Shut the connection down when this takes longer. By a handle of its own, because TLS takes the socket over.
    Raises _NoWayError then: what came by that time may look like an answer."""
    handle = socket.socket(fileno=os.dup(opened.fileno()))
    over = threading.Event()

    def cut() -> None:
        over.set()
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        handle.close()
        if over.is_set():
            raise _NoWayError(f"No whole answer within {seconds:g} s.") from None


class _HTTPConnection(_ToPublicAddress, HTTPConnection):
    pass


class _HTTPSConnection(_ToPublicAddress, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls: Any = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls: Any = _HTTPSConnection
