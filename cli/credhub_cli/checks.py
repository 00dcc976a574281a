"""What `credhub doctor` looks at."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

from credhub_cli import VERSION
from credhub_cli.client import Answer
from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit
from credhub_cli.own_token import without_effect

MOST_SKEW = 30.0  # seconds: identity tokens and Apple's are refused beyond about a minute
SOON = 14  # days


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    said: str
    exit_code: Exit = Exit.OK


def checks(here: Context) -> Iterator[Check]:
    """One after the other; what needs one that failed is left out."""
    yield Check("version", True, f"credhub-cli {VERSION}")
    try:
        sign_in = here.sign_in
    except CliError as error:
        yield Check("sign-in", False, error.detail, error.exit_code)
        return
    yield Check("sign-in", True, f"{sign_in.url}, token from {sign_in.place}")
    if proxy := get_environ_proxies(sign_in.url).get(urlsplit(sign_in.url).scheme):
        yield Check("proxy", True, f"through {urlsplit(proxy).hostname}")
    try:
        document = here.client_for(sign_in.url, "").send("GET", "/openapi.json")
    except CliError as error:
        yield Check("reachable", False, error.detail, error.exit_code)
        return
    yield Check(
        "reachable", True, f"{document.body['info']['title']}, API version {document.body['info']['version']}"
    )
    is_https = sign_in.url.startswith("https:")
    yield Check("tls", True, "the certificate is trusted" if is_https else "plain http on this machine alone")
    yield clock(document, time.time)
    yield from _token(here)


def clock(answer: Answer, now: Callable[[], float]) -> Check:
    """By the Date header, which has whole seconds."""
    try:
        there = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return Check("clock", True, "the instance does not tell its time")
    skew = now() - there
    if abs(skew) <= MOST_SKEW:
        return Check("clock", True, "agrees with the instance")
    way = "ahead of" if skew > 0 else "behind"
    return Check("clock", False, f"this machine is {abs(skew):.0f} seconds {way} the instance", Exit.FAILED)


def _token(here: Context) -> Iterator[Check]:
    try:
        token = here.client.get("/token")
    except CliError as error:
        yield Check("token", False, error.detail, error.exit_code)
        return
    place = token["organization"]
    yield Check("token", True, f"acts in {place['name']} ({place['slug']})")
    lost = without_effect(token)
    yield Check("scopes", not lost, lost or " ".join(token["scopes"]), Exit.NOT_ALLOWED)
    if token["bundle_ids"]:
        yield Check("bundle IDs", True, " ".join(token["bundle_ids"]))
    left = datetime.fromisoformat(token["expires_at"]) - datetime.now(UTC)
    soon = left.days < SOON and token["trust_policy"] is None
    said = f"{token['expires_at']}, in {left.days} days" if left.days else token["expires_at"]
    yield Check("expiry", True, said + (": rotate it" if soon else ""))
