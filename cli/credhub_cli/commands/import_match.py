"""`credhub import match`"""

import argparse
from pathlib import Path

from credhub_cli import importing
from credhub_cli.archives import archive_of
from credhub_cli.context import Context

LAYOUT = ("certs", "profiles", "match_version.txt")  # what match writes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", type=Path, metavar="FOLDER|ZIP", help="a clone of the repository, or a zip of it"
    )
    importing.arguments(parser)


def run(here: Context) -> int:
    importing.require_answer(here)
    archive = archive_of(here.args.path, only=LAYOUT)
    return importing.run(here, archive, passphrase=here.environ.get("MATCH_PASSWORD", ""))
