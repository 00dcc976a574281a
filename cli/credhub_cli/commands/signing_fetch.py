"""`credhub signing fetch`"""

import argparse
from pathlib import Path

from credhub_cli import fetching, signing
from credhub_cli.context import Context
from credhub_cli.errors import Exit


def arguments(parser: argparse.ArgumentParser) -> None:
    signing.arguments(parser)
    parser.add_argument("--out", type=Path, default=Path("signing"), metavar="DIR", help="where to (signing)")


def run(here: Context) -> int:
    assets = signing.ask(here, "signing fetch")
    paths = fetching.written(assets, here.args.out)
    here.out.result(fetching.told(assets, paths), fetching.said(assets, paths))
    return Exit.OK
