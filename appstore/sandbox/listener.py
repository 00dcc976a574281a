"""A listening socket with a thread per connection, which closes without leaving any behind."""

import logging
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import ThreadingHTTPServer
from ipaddress import ip_address
from socketserver import TCPServer
from typing import Any

from appstore.sandbox.exchange import Answer, Call
from appstore.sandbox.handler import Handler

Answering = Callable[[Call], Answer | None]
logger = logging.getLogger(__name__)


class Listener(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, host: str, port: int, answering: Answering) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.answering = answering
        self._connections: dict[threading.Thread, socket.socket] = {}
        super().__init__((host, port), Handler)
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self.server_address[1]}"
        self._stopping = False
        self._loop = threading.Thread(target=self._accept, daemon=True, name=self.url)

    def server_bind(self) -> None:
        # HTTPServer would ask the name service for our own name here, which can take seconds.
        TCPServer.server_bind(self)

    def start(self) -> None:
        self._loop.start()

    def stop(self) -> None:
        """Stop listening, hang up on everybody, and wait for the threads."""
        self._stopping = True
        while self._loop.is_alive():
            self._knock()
            self._loop.join(0.1)
        self.server_close()
        for thread, connection in list(self._connections.items()):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                logger.debug("%s had hung up first", thread.name)
            thread.join()

    def _accept(self) -> None:
        """Take connections until told to stop. Unlike serve_forever() this sleeps while nobody calls."""
        while not self._stopping:
            self.handle_request()

    def _knock(self) -> None:
        """Call ourselves, so that a sleeping `_accept` wakes up and sees that it is time to go."""
        host, port = str(self.server_address[0]), self.server_address[1]
        if ip_address(host).is_unspecified:
            host = "::1" if self.address_family == socket.AF_INET6 else "127.0.0.1"
        with suppress(OSError):
            socket.create_connection((host, port), timeout=1).close()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return not self._stopping

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self._connections[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self._connections[threading.current_thread()]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; anything else is a bug of ours."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            logger.error("The sandbox could not answer %s", client_address, exc_info=error)
