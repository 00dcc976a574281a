"""`credhub ensure`: what the app's policy makes at Apple, so that it can be signed."""

import argparse

from credhub_cli import waiting
from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit
from credhub_cli.output import printable
from credhub_cli.signing import DISTRIBUTIONS


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle_id", metavar="BUNDLE_ID")
    parser.add_argument("--distribution", required=True, choices=DISTRIBUTIONS)
    parser.add_argument("--platform", default="", help="where apps of several platforms have this identifier")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")
    parser.add_argument("--wait", action="store_true", help="until it has ended")
    waiting.arguments(parser)


def run(here: Context) -> int:
    body = {"distribution": here.args.distribution, "dry_run": here.args.dry_run}
    told = here.client.post(f"/apps/{_app(here)}/ensure", body).body
    sync, plan = told["sync"], told["plan"]
    if sync and here.args.wait:
        for sentence in plan:
            here.out.note(sentence)
        sync = waiting.wait_for_sync(here, sync)
    said = "\n".join(map(printable, plan)) or "Nothing is to be done."
    if sync:
        said += f"\nRun {sync['id']}: {sync['state']}"
    here.out.result(
        {"plan": plan, "steps": told["steps"], "sync": waiting.told(sync) if sync else None}, said
    )
    return Exit.OK


def _app(here: Context) -> str:
    asked = {"identifier": here.args.bundle_id} | (
        {"platform": here.args.platform} if here.args.platform else {}
    )
    found = [
        app["id"] for app in here.client.pages("/apps", asked) if app["identifier"] == here.args.bundle_id
    ]
    if len(found) != 1:
        if found:
            raise CliError(
                Exit.CONFLICT, "which-app", "Apps of several platforms have it. Say which: --platform."
            )
        raise CliError(
            Exit.NOT_FOUND,
            "not-found",
            f"There is no app {here.args.bundle_id}, or the token may not see it.",
        )
    return str(found[0])
