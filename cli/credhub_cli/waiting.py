"""Waiting for a run."""

import argparse
import time
from typing import Any

from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit
from credhub_cli.progress import ENDED, Progress

PAUSE = 2.0  # seconds between two looks
sleep = time.sleep


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout", type=float, default=600, metavar="SECONDS", help="how long to wait for a run (600)"
    )


def wait_for_sync(here: Context, sync: dict[str, Any]) -> dict[str, Any]:
    """The run as it is at its end. Raises CliError when that is none to be glad of, or when it takes too long."""
    deadline = time.monotonic() + here.args.timeout
    progress = Progress(here.out)
    try:
        progress.show(sync)
        while sync["state"] not in ENDED:
            if time.monotonic() >= deadline:
                said = f"It goes on without us: run {sync['id']} is {sync['state'].lower()}."
                raise CliError(Exit.TIMEOUT, "timeout", said)
            sleep(PAUSE)
            sync = here.client.get(f"/syncs/{sync['id']}")
            progress.show(sync)
    finally:
        progress.close()
    if sync["state"] != "SUCCEEDED":
        refused = " ".join(step["said"] for step in sync["report"] if step["state"] == "refused")
        said = " ".join(each for each in (sync["error_message"], refused) if each)
        raise CliError(
            Exit.FAILED, sync["error_code"] or "run-failed", said or f"The run ended as {sync['state']}."
        )
    return sync


def told(sync: dict[str, Any]) -> dict[str, Any]:
    """Of a run, for --json."""
    names = ("id", "kind", "title", "state", "counts", "report", "error_code", "error_message", "finished_at")
    return {name: sync[name] for name in names}
