"""`credhub credentials.json pull`"""

import argparse
import subprocess
from pathlib import Path

from credhub_cli import eas, fetching, signing
from credhub_cli.context import Context
from credhub_cli.errors import Exit
from credhub_cli.private_files import write_all


def arguments(parser: argparse.ArgumentParser) -> None:
    signing.arguments(parser)
    parser.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="NAME=ID",
        help="the bundle ID of a target of Xcode's",
    )
    parser.add_argument("--dir", type=Path, default=Path(), help="of the project (here)")


def run(here: Context) -> int:
    targets = eas.targets_of(here.args.bundle_id, here.args.target)
    here.args.bundle_id = list(dict.fromkeys(targets.values()))
    assets = signing.ask(here, "credentials.json pull")
    paths = write_all(here.args.dir, eas.eas_files(targets, assets.ios, assets.android))
    ignored = [_is_ignored(here.args.dir, name) for name in (eas.FILE, eas.FOLDER + "/x")]
    if not all(ignored):
        here.out.note(f"Git does not ignore these: add /{eas.FILE} and /{eas.FOLDER}/ to .gitignore.")
    told = fetching.told(assets, paths) | {"ignored_by_git": all(ignored)}
    here.out.result(told, fetching.said(assets, paths))
    return Exit.OK


def _is_ignored(folder: Path, name: str) -> bool:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "check-ignore", "-q", name], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0
