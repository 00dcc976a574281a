"""Everywhere that is not Apple: the workers' proxy for all hosts but the sandbox's.

Whatever address a link leads to, a request to it would come here; there should be none.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


class Elsewhere(ThreadingHTTPServer):
    """`visits`: method and target of each request, and whether it carried a token."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.visits: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def proxies(self, *apple: str) -> dict[str, str]:
        """What makes a process of ours come here for every host but these."""
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        hosts = ",".join(url.partition("://")[2] for url in apple)
        proxies = dict.fromkeys([*names, *map(str.lower, names)], self.url)
        return proxies | {"NO_PROXY": hosts, "no_proxy": hosts}


class _Handler(BaseHTTPRequestHandler):
    def _visit(self) -> None:
        token = "with a token" if self.headers.get("Authorization") else "without a token"
        cast(Elsewhere, self.server).visits.append(f"{self.command} {self.path} {token}")
        self.send_error(502)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_CONNECT = _visit  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Quiet: `visits` is the record."""
