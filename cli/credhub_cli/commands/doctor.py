"""`credhub doctor`"""

import argparse

from credhub_cli.checks import checks
from credhub_cli.context import Context
from credhub_cli.errors import Exit
from credhub_cli.output import table


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(here: Context) -> int:
    """The exit code of the first check that failed."""
    found = list(checks(here))
    told = [{"name": each.name, "ok": each.ok, "said": each.said} for each in found]
    rows = [("ok" if each.ok else "FAILED", each.name, each.said) for each in found]
    here.out.result({"ok": all(each.ok for each in found), "checks": told}, table(("", "CHECK", ""), rows))
    return next((each.exit_code for each in found if not each.ok), Exit.OK)
