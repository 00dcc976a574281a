"""The identity token (OpenID Connect) of the CI job that this runs in, by provider (docs/federation.md)."""

import json
import subprocess
from collections.abc import Callable, Mapping

import requests

from credhub_cli.addresses import safe_url
from credhub_cli.client import PATIENCE
from credhub_cli.errors import CliError, Exit

Environment = Mapping[str, str]


def _missing(said: str) -> CliError:
    return CliError(Exit.NOT_SIGNED_IN, "no-identity-token", said)


def _github(environ: Environment, audience: str) -> str:
    url, token = (environ.get(f"ACTIONS_ID_TOKEN_REQUEST_{each}", "") for each in ("URL", "TOKEN"))
    if not url or not token:
        raise _missing("The job gets no identity token. It needs `permissions: id-token: write`.")
    safe_url(url.partition("?")[0])
    try:
        answer = requests.get(
            url,
            params={"audience": audience},
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
            allow_redirects=False,
        )
        return str(answer.json()["value"])
    except (requests.RequestException, ValueError, KeyError):
        raise CliError(Exit.UNREACHABLE, "no-identity-token", "GitHub gave no identity token.") from None


def _gitlab(environ: Environment, _audience: str) -> str:
    return environ.get("IDENTITY_TOKEN", "") or _say("Add `id_tokens: IDENTITY_TOKEN: aud: …` to the job.")


def _bitrise(environ: Environment, _audience: str) -> str:
    found = environ.get("BITRISE_IDENTITY_TOKEN", "")
    return found or _say("Add the step “Get OIDC Identity Token” before this one.")


def _circleci(environ: Environment, audience: str) -> str:
    if found := environ.get("IDENTITY_TOKEN", ""):
        return found
    claims = json.dumps({"aud": audience})
    try:
        done = subprocess.run(
            ["circleci", "run", "oidc", "get", "--claims", claims],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return _say("`circleci run oidc get` gave no identity token. Is this a job of CircleCI?")
    return done.stdout.strip()


def _say(said: str) -> str:
    raise _missing(said)


PROVIDERS: dict[str, Callable[[Environment, str], str]] = {
    "github": _github,
    "gitlab": _gitlab,
    "circleci": _circleci,
    "bitrise": _bitrise,
}
