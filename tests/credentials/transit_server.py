"""A stand-in for the transit engine of Vault or OpenBao: it really encrypts, and checks token, key and context."""

import base64
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class TransitServer:
    """`keys`: name → the versions of the key. `answer_with` makes every answer a status (and headers)."""

    def __init__(self, *names: str) -> None:
        self.token = secrets.token_urlsafe(24)
        self.keys = {name: [secrets.token_bytes(32)] for name in names}
        self.answer_with: tuple[int, dict[str, str], bytes] | None = None
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def rotate(self, name: str) -> None:
        self.keys[name].append(secrets.token_bytes(32))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: dict[str, str], body: dict[str, str]) -> tuple[int, Any]:
        if headers.get("x-vault-token") != self.token:
            return 403, {"errors": ["permission denied"]}
        _, version, mount, verb, name = path.split("/")
        if (version, mount) != ("v1", "transit") or verb not in {"encrypt", "decrypt"}:
            return 404, {"errors": []}
        if name not in self.keys:
            return 400 if verb == "encrypt" else 404, {"errors": ["encryption key not found"]}
        context = base64.b64decode(body["associated_data"])
        return self._encrypt(name, body, context) if verb == "encrypt" else self._decrypt(name, body, context)

    def _encrypt(self, name: str, body: dict[str, str], context: bytes) -> tuple[int, Any]:
        nonce, version = secrets.token_bytes(12), len(self.keys[name])
        sealed = AESGCM(self.keys[name][-1]).encrypt(nonce, base64.b64decode(body["plaintext"]), context)
        ciphertext = f"vault:v{version}:{base64.b64encode(nonce + sealed).decode()}"
        return 200, {"data": {"ciphertext": ciphertext, "key_version": version}}

    def _decrypt(self, name: str, body: dict[str, str], context: bytes) -> tuple[int, Any]:
        try:
            _vault, version, encoded = body["ciphertext"].split(":")
            raw = base64.b64decode(encoded, validate=True)
            plain = AESGCM(self.keys[name][int(version[1:]) - 1]).decrypt(raw[:12], raw[12:], context)
        except (InvalidTag, ValueError, IndexError):
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}


def _handler(vault: TransitServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            vault.requests.append((self.path, headers))
            if vault.answer_with:
                status, extra, raw = vault.answer_with
            else:
                status, answer = vault.answer(self.path, headers, json.loads(body))
                extra, raw = {}, json.dumps(answer).encode()
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: Any) -> None: ...

    return Handler
