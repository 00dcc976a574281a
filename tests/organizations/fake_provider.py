"""An OpenID provider on loopback: a discovery document, real signatures, PKCE checked as a provider does it."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse_lazy
from jwt.algorithms import RSAAlgorithm

from tests.organizations.signing_in import new_browser

KNOWN = "root.owner@example.com"
START, CALLBACK = reverse_lazy("identity-provider"), reverse_lazy("identity-provider-callback")
CLIENT_ID, CLIENT_SECRET = "credhub", secrets.token_urlsafe(24)


class FakeProvider:
    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}  # what it says of who signs in
        self.spoil: dict[str, Any] = {}  # claims that are changed, or removed with None
        self.config: dict[str, Any] = {}  # entries of the discovery document that are changed
        self.sign_with: tuple[Any, str] | None = None
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                if self.path.startswith("/moved"):
                    self.send_response(302)
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                    self.end_headers()
                    return
                answers = {"/.well-known/openid-configuration": provider.document, "/keys": provider.keys}
                self._answer(answers[urlsplit(self.path).path]())

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

            def _answer(self, found: dict[str, Any] | None) -> None:
                body = json.dumps(found or {"error": "invalid_grant"}).encode()
                self.send_response(200 if found else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.config,
        }

    def keys(self) -> dict[str, Any]:
        jwk = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**jwk, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorize(self, address: str) -> dict[str, str]:
        """Somebody signs in at the provider. Returns what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def token(self, body: dict[str, str]) -> dict[str, Any] | None:
        asked = self._codes.pop(body["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(body.get("code_verifier", "").encode()).digest())
        right = asked and asked["code_challenge"] == challenge.rstrip(b"=").decode()
        if not asked or not right or (body["client_id"], body["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": "one", "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"], **self.claims, **self.spoil}  # fmt: skip
        told = {name: value for name, value in claims.items() if value is not None}
        key, algorithm = self.sign_with or (self.key, "RS256")
        return {
            "access_token": "x",
            "id_token": jwt.encode(told, key, algorithm=algorithm, headers={"kid": "one"}),
        }


def says(provider: FakeProvider, email: str, *groups: str, **more: Any) -> None:
    provider.claims = {
        "email": email,
        "email_verified": True,
        "groups": list(groups),
        "name": "Ann Person",
        **more,
    }


def go(provider: FakeProvider, client: Client | None = None, **data: str) -> tuple[Client, Any]:
    """To the provider and back."""
    client = client or new_browser()
    away = client.get(START, data)
    assert away["Location"].startswith(f"{provider.url}/authorize?"), away["Location"]
    return client, client.get(CALLBACK, provider.authorize(away["Location"]))
