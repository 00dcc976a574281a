"""`credhub run … -- command`: signing assets in a folder that is gone when the command has ended."""

import argparse
import tempfile
from pathlib import Path

from credhub_cli import fetching, signing
from credhub_cli.child import run_to_the_end, signals
from credhub_cli.context import Context
from credhub_cli.errors import usage
from credhub_cli.run_environment import environment


def arguments(parser: argparse.ArgumentParser) -> None:
    signing.arguments(parser)


def run(here: Context) -> int:
    """The command's own exit code."""
    if not here.command_line:
        raise usage("Say which command: credhub run … -- fastlane beta")
    with signals() as handler, tempfile.TemporaryDirectory(prefix="credhub-") as name:
        folder = Path(name)
        assets = signing.ask(here, "run")
        fetching.written(assets, folder)
        return run_to_the_end(here.command_line, environment(here.environ, assets, folder), handler)
