"""`credhub signing uninstall`: for machines that are used again."""

import argparse
from pathlib import Path

from credhub_cli import installed, mac
from credhub_cli.context import Context
from credhub_cli.errors import Exit
from credhub_cli.sign_in import is_mac


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(here: Context) -> int:
    keychain, files = installed.recorded(here.environ)
    removed = []
    if keychain and is_mac() and mac.remove_keychain(Path(keychain)):
        removed.append(keychain)
    for each in map(Path, files):
        if each.exists():
            each.unlink()
            removed.append(str(each))
    installed.record_file(here.environ).unlink(missing_ok=True)
    here.out.result({"removed": removed}, "\n".join(removed) or "Nothing was installed.")
    return Exit.OK
