"""`credhub import files`"""

import argparse
from pathlib import Path

from credhub_cli import importing
from credhub_cli.archives import archive_of
from credhub_cli.context import Context

VARIABLE = "CREDHUB_IMPORT_PASSWORD"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FOLDER|ZIP|FILE", help="certificates, keys, profiles")
    parser.add_argument(
        "--ask-password", action="store_true", help=f"of .p12 files and keystores ({VARIABLE})"
    )
    importing.arguments(parser)


def run(here: Context) -> int:
    importing.require_answer(here)
    archive = archive_of(here.args.path)
    password = here.environ.get(VARIABLE, "")
    if here.args.ask_password:
        password = importing.ask_secret("Password of .p12 files and keystores: ")
    return importing.run(here, archive, password=password)
