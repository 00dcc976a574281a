"""`credhub logout`"""

import argparse

from credhub_cli import sign_in
from credhub_cli.context import Context
from credhub_cli.errors import Exit


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(here: Context) -> int:
    was = sign_in.forget(here.environ)
    said = "Forgotten here. The token itself goes on until it is revoked." if was else "Nobody was signed in."
    here.out.result({"signed_out": was}, said)
    return Exit.OK
