"""For the tests of writes: a small team of one's own at a running sandbox, and requests as any client sends them."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import AppStoreConnectError
from appstore.client.tokens import APP_STORE_CONNECT_AUDIENCE, TEAM, TokenMinter
from appstore.sandbox.authority import new_keys
from appstore.sandbox.model import IssuedKey, Program, Team
from appstore.sandbox.server import Sandbox
from tests.appstore.test_sandbox_support import token


@cache
def private_key(index: int = 0) -> RSAPrivateKey:
    """RSA keys by number, each made once: making them is slow."""
    del index
    return new_keys(1)[0]


def signing_request(
    key: RSAPrivateKey | EllipticCurvePrivateKey | None = None,
) -> x509.CertificateSigningRequest:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PEM")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key or private_key(), hashes.SHA256())


def pem(key: RSAPrivateKey | EllipticCurvePrivateKey | None = None) -> str:
    return signing_request(key).public_bytes(Encoding.PEM).decode()


def der(key: RSAPrivateKey | None = None) -> str:
    return b64encode(signing_request(key).public_bytes(Encoding.DER)).decode()


def linked(name: str, ids: str | list[str]) -> dict[str, Any]:
    if isinstance(ids, str):
        return {"data": {"type": name, "id": ids}}
    return {"data": [{"type": name, "id": each} for each in ids]}


@dataclass
class Writer:
    """Sends writes with one key."""

    sandbox: Sandbox
    team: Team
    key: IssuedKey

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        enterprise = self.team.program is Program.ENTERPRISE
        base = self.sandbox.enterprise_url if enterprise else self.sandbox.url
        headers = {"Authorization": f"Bearer {token(self.key, self.team.program)}"}
        return requests.request(method, f"{base}{path}", json=body, headers=headers, timeout=10)

    def create(
        self, name: str, attributes: Mapping[str, Any], relationships: Mapping[str, Any] | None = None
    ) -> requests.Response:
        data: dict[str, Any] = {"type": name, "attributes": attributes}
        if relationships:
            data["relationships"] = relationships
        return self.send("POST", f"/v1/{name}", {"data": data})

    def change(self, collection: str, object_id: str, /, **attributes: Any) -> requests.Response:
        data = {"type": collection, "id": object_id, "attributes": attributes}
        return self.send("PATCH", f"/v1/{collection}/{object_id}", {"data": data})

    def delete(self, name: str, object_id: str) -> requests.Response:
        return self.send("DELETE", f"/v1/{name}/{object_id}")

    def certificate(self, kind: str = "IOS_DISTRIBUTION", content: str | None = None) -> requests.Response:
        return self.create(
            "certificates", {"certificateType": kind, "csrContent": pem() if content is None else content}
        )

    def profile(
        self,
        certificates: list[str],
        devices: list[str] | None = None,
        *,
        kind: str = "IOS_APP_STORE",
        name: str = "Store",
        bundle_id: str = "",
    ) -> requests.Response:
        relationships = {
            "bundleId": linked("bundleIds", bundle_id or self.ids("bundleIds")[0]),
            "certificates": linked("certificates", certificates),
        }
        if devices is not None:
            relationships["devices"] = linked("devices", devices)
        return self.create("profiles", {"name": name, "profileType": kind}, relationships)

    def ids(self, name: str) -> list[str]:
        return [each["id"] for each in self.sandbox.objects(self.team, name)]

    def stored(self, name: str, object_id: str) -> dict[str, Any]:
        """The attributes of an object, as the sandbox holds them."""
        found = [each for each in self.sandbox.objects(self.team, name) if each["id"] == object_id]
        return dict(found[0]["attributes"])

    def with_role(self, role: str, kind: str = "TEAM") -> "Writer":
        return Writer(self.sandbox, self.team, self.sandbox.add_key(self.team, role, kind))


def writer(sandbox: Sandbox, program: str = Program.APP_STORE, **sizes: int) -> Writer:
    """An Admin of a new team with three bundle IDs (the third a wildcard) and four devices."""
    wanted = {"certificates": 0, "profiles": 0, "bundle_ids": 3, "devices": 4} | sizes
    team = sandbox.add_team("Acme", program, **wanted)
    return Writer(sandbox, team, sandbox.add_key(team))


def client_of(apple: Writer, **options: float) -> AppStoreConnectClient:
    """Our own client with the same key; it looks for lost answers without a pause."""
    minter = TokenMinter(
        apple.key.key_id, apple.key.issuer_id, apple.key.p8, APP_STORE_CONNECT_AUDIENCE, TEAM
    )
    client = AppStoreConnectClient(apple.sandbox.url, minter, **options)  # type: ignore[arg-type]
    client.reconcile_pause = 0
    return client


def until_trouble(pages: Iterator[Any]) -> tuple[list[Any], AppStoreConnectError | None]:
    """The pages that came, and the error that ended them."""
    came: list[Any] = []
    try:
        came.extend(pages)  # keeps what came before an error
    except AppStoreConnectError as error:
        return came, error
    return came, None


def made(response: requests.Response, status: int = 201) -> dict[str, Any]:
    """The object in a good answer."""
    assert response.status_code == status, response.text
    return dict(response.json()["data"])


def refusal(response: requests.Response) -> tuple[int, str, str]:
    (entry,) = response.json()["errors"]
    assert entry["status"] == str(response.status_code)
    return response.status_code, entry["code"], entry["detail"]
