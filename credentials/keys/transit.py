"""Master keys in the transit engine of HashiCorp Vault or OpenBao: they never leave it, it wraps and unwraps for us.

The keys must be of an AEAD type (`aes256-gcm96`, the default, or `chacha20-poly1305`), because the context goes along
as associated data.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from credentials.crypto import SealError
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credentials.keys.provider import prove

PREFIX = "transit:"
_TIMEOUT = (3.05, 10)  # seconds to connect, to answer
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class TransitKeys:
    """`keys`: names of keys in the engine, the first wraps. The token is read anew for each call, because agents
    renew the file that holds it."""

    url: str
    keys: Sequence[str]
    token: str = field(default="", repr=False)
    token_file: str = ""
    mount: str = "transit"
    namespace: str = ""
    ca: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.query:
            raise MasterKeyError(
                "CREDHUB_TRANSIT_URL is `https://` and the host (and port) of Vault or OpenBao."
            )
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise MasterKeyError(f"CREDHUB_TRANSIT_URL must be https: data keys travel to {parts.hostname}.")
        if not self.keys or not (self.token or self.token_file):
            missing = (
                "CREDHUB_TRANSIT_TOKEN (or CREDHUB_TRANSIT_TOKEN_FILE)"
                if self.keys
                else "CREDHUB_TRANSIT_KEY"
            )
            raise MasterKeyError(f"{missing} is not set, and the key provider “transit” needs it.")

    @property
    def current(self) -> str:
        return PREFIX + self.keys[0]

    @property
    def key_ids(self) -> list[str]:
        return [PREFIX + key for key in self.keys]

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        answer = self._post(
            "encrypt", self.keys[0], plaintext=_words(data_key), associated_data=_words(context)
        )
        wrapped = answer.get("ciphertext")
        if not isinstance(wrapped, str):
            raise self._strange()
        return self.current, wrapped.encode()

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        if key_id not in self.key_ids:
            raise MasterKeyError(
                f"Master key “{key_id}” is needed, and CREDHUB_TRANSIT_KEY does not name it."
            )
        ciphertext = wrapped.decode("ascii", "replace")
        key = key_id.removeprefix(PREFIX)
        answer = self._post("decrypt", key, ciphertext=ciphertext, associated_data=_words(context))
        try:
            return base64.b64decode(answer["plaintext"], validate=True)
        except (KeyError, TypeError, binascii.Error):
            raise self._strange() from None

    def check(self) -> None:
        prove(self)

    @property
    def _host(self) -> str:
        return str(urlsplit(self.url).netloc)

    def _strange(self) -> MasterKeyError:
        return MasterKeyError(f"{self._host} answers, but not as Vault's or OpenBao's transit engine does.")

    def _token(self) -> str:
        if self.token:
            return self.token
        try:
            return Path(self.token_file).read_text().strip()
        except OSError as error:
            raise MasterKeyError(f"The token for {self._host} cannot be read ({error.strerror}).") from None

    def _post(self, verb: str, key: str, **body: str) -> Mapping[str, Any]:
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        try:
            with requests.Session() as session:
                session.trust_env = False  # neither .netrc nor a proxy gets to see the token
                answer = session.post(
                    f"{self.url.rstrip('/')}/v1/{self.mount.strip('/')}/{verb}/{key}",
                    json=body,
                    headers=headers,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                    verify=self.ca or True,
                )
        except requests.exceptions.SSLError:
            raise KeyProviderUnreachableError(
                f"The key provider {self._host} shows a certificate that is not trusted (CREDHUB_TRANSIT_CA)."
            ) from None
        except (requests.RequestException, OSError) as error:
            raise KeyProviderUnreachableError(
                f"The key provider {self._host} cannot be reached ({type(error).__name__})."
            ) from None
        return self._read(answer, verb, key)

    def _read(self, answer: requests.Response, verb: str, key: str) -> Mapping[str, Any]:
        status = answer.status_code
        if status == 429 or status >= 500:
            raise KeyProviderUnreachableError(
                f"The key provider {self._host} does not serve now (status {status})."
            )
        if status in {401, 403}:
            raise MasterKeyError(f"{self._host} refuses our token for `{self.mount}/{verb}/{key}`.")
        if status == 400 and verb == "decrypt":
            raise SealError(f"A data key does not open with master key “{PREFIX}{key}”.")
        if status != 200:
            raise MasterKeyError(f"{self._host} refuses `{self.mount}/{verb}/{key}` (status {status}).")
        try:
            data = answer.json()["data"]
        except (ValueError, KeyError, TypeError):
            data = None
        if not isinstance(data, dict):
            raise self._strange()
        return data


def _words(value: bytes) -> str:
    return base64.b64encode(value).decode()
