"""The API of an instance: requests, pages, retries, and its refusals as CliError."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase

from credhub_cli import VERSION
from credhub_cli.errors import BY_STATUS, CliError, Exit
from credhub_cli.retries import AGAIN, pause

API = "/api/v1"
PATIENCE = (10, 120)  # seconds to connect, and to wait for an answer
sleep = time.sleep


class _Bearer(AuthBase):
    """Set even without a token: else a ~/.netrc would put its own password into the request."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Any


@dataclass(frozen=True)
class Form:
    """A file by its name, and what goes with it."""

    file: tuple[str, bytes] = field(repr=False)
    fields: dict[str, str] = field(repr=False)


class Client:
    """`ca_file`: what a private certificate authority is trusted by; else REQUESTS_CA_BUNDLE or what comes with it."""

    def __init__(self, url: str, token: str, *, ca_file: str = "") -> None:
        self.url = url
        self._auth = _Bearer(token)
        # Named with each request: requests lets the environment win over what a session has.
        self._verify: str | bool = ca_file or True
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"credhub-cli/{VERSION}"

    def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        return self.send("GET", path, params=params).body

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        """Sent again when the answer is lost: it is done once, by its Idempotency-Key."""
        return self.send("POST", path, body=body, once=str(uuid.uuid4()))

    def upload(self, path: str, file: tuple[str, bytes], fields: dict[str, str]) -> Answer:
        """As a form; sent again as `post` is."""
        return self.send("POST", path, form=Form(file, fields), once=str(uuid.uuid4()))

    def pages(self, path: str, params: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            asked = {**(params or {}), "limit": 200} | ({"cursor": cursor} if cursor else {})
            page = self.get(path, asked)
            yield from page["items"]
            cursor = page["next_cursor"] or ""
            if not cursor:
                return

    def send(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        form: "Form | None" = None,
        once: str = "",
    ) -> Answer:
        """`once`: the key by which a write may be sent again. Raises CliError."""
        headers = {"Idempotency-Key": once} if once else {}
        may_repeat = method == "GET" or bool(once)
        tried = 0
        while True:
            tried += 1
            try:
                response = self._once(method, path, params, body, form, headers)
            except CliError as error:
                wait = pause(tried) if may_repeat and error.code == "unreachable" else None
                if wait is None:
                    raise
            else:
                again = may_repeat and response.status_code in AGAIN
                wait = pause(tried, response.headers.get("Retry-After", "")) if again else None
                if wait is None:
                    return _answer(response)
            sleep(wait)

    def _once(
        self, method: str, path: str, params: Any, body: Any, form: "Form | None", headers: Any
    ) -> requests.Response:
        try:
            return self._session.request(
                method,
                f"{self.url}{API}{path}",
                params=params,
                json=body,
                data=form.fields if form else None,
                files={"file": form.file} if form else None,
                headers=headers,
                auth=self._auth,
                verify=self._verify,
                timeout=PATIENCE,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise _trouble(error, self.url) from None
        except OSError:
            said = "The file of trusted certificates cannot be read: --ca-file, REQUESTS_CA_BUNDLE."
            raise CliError(Exit.USAGE, "ca-file", said) from None


def _trouble(error: requests.RequestException, url: str) -> CliError:
    """In words of ours: the library's may hold the password of a proxy."""
    if isinstance(error, requests.exceptions.SSLError):
        said = f"The certificate of {url} is not trusted here. With a CA of your own: --ca-file, REQUESTS_CA_BUNDLE."
        return CliError(Exit.UNREACHABLE, "tls", said)
    if isinstance(error, requests.exceptions.ProxyError):
        return CliError(
            Exit.UNREACHABLE, "proxy", "The proxy refuses or is away. See HTTPS_PROXY and NO_PROXY."
        )
    if isinstance(error, requests.ReadTimeout):
        return CliError(Exit.TIMEOUT, "timeout", f"{url} did not answer within {PATIENCE[1]} seconds.")
    return CliError(Exit.UNREACHABLE, "unreachable", f"{url} cannot be reached ({type(error).__name__}).")


def _answer(response: requests.Response) -> Answer:
    status = response.status_code
    try:
        body = response.json()
    except ValueError:
        body = None
    if 200 <= status < 300 and body is not None:
        return Answer(status, body, response.headers)
    if not isinstance(body, dict) or "code" not in body:
        said = f"What answers at this address is not CredHub (status {status}). Is the address right?"
        raise CliError(BY_STATUS.get(status, Exit.UNREACHABLE), "not-credhub", said, status=status)
    raise CliError(
        BY_STATUS.get(status, Exit.FAILED),
        str(body["code"]),
        str(body.get("detail", "")),
        status=status,
        request_id=str(body.get("request_id", "")),
    )
