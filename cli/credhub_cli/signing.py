"""Asking for signing assets: which, and waiting where something has to be made first."""

import argparse
import time
from dataclasses import dataclass
from typing import Any

from credhub_cli import waiting
from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit, usage
from credhub_cli.purposes import purpose_of

DISTRIBUTIONS = ("app-store", "ad-hoc", "development", "in-house", "developer-id")
PLATFORMS = ("IOS", "MAC_OS", "TV_OS")


@dataclass(frozen=True)
class Assets:
    """As the API answers; what was not asked for is None."""

    ios: dict[str, Any] | None = None
    android: dict[str, Any] | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bundle-id", action="append", default=[], metavar="ID", help="again for each extension of the app"
    )
    parser.add_argument("--distribution", choices=DISTRIBUTIONS, help="of the bundle IDs")
    parser.add_argument("--platform", choices=PLATFORMS, default="IOS")
    parser.add_argument("--application-id", default="", metavar="ID", help="of an Android app: its keystore")
    parser.add_argument(
        "--ensure", action="store_true", help="first make at Apple what is missing, as the app's policy says"
    )
    parser.add_argument(
        "--purpose", default="", help="why, for the activity log; the CI job where nothing is said"
    )
    waiting.arguments(parser)


def ask(here: Context, word: str) -> Assets:
    """Raises CliError. `word`: what it is for."""
    args = here.args
    if not args.bundle_id and not args.application_id:
        raise usage("Say for which app: --bundle-id, or --application-id for Android.")
    if args.bundle_id and not args.distribution:
        raise usage("Say for what it is signed: --distribution.")
    purpose = {"purpose": args.purpose or purpose_of(here.environ, word)}
    return Assets(
        ios=_ios(here, purpose) if args.bundle_id else None,
        android=_android(here, purpose) if args.application_id else None,
    )


def _ios(here: Context, purpose: dict[str, str]) -> dict[str, Any]:
    args = here.args
    params: dict[str, Any] = {
        "bundle_id": args.bundle_id,
        "distribution": args.distribution,
        "platform": args.platform,
        **purpose,
    }
    if args.ensure:
        params["ensure"] = "true"
    deadline = time.monotonic() + args.timeout
    while True:
        answer = here.client.send("GET", "/signing-assets", params=params)
        if answer.status != 202:
            found: dict[str, Any] = answer.body
            for problem in found["problems"]:
                here.out.note(f"Note: {problem}")
            return found
        if time.monotonic() >= deadline:
            raise CliError(
                Exit.TIMEOUT, "timeout", "There is always more to be made. Look at the syncs in CredHub."
            )
        for sentence in answer.body["plan"]:
            here.out.note(sentence)
        waiting.wait_for_sync(here, answer.body["sync"])


def _android(here: Context, purpose: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = here.client.get(
        "/signing-assets/android", {"application_id": here.args.application_id, **purpose}
    )
    return found
