"""`credhub completion bash`"""

import argparse

from credhub_cli.context import Context
from credhub_cli.errors import Exit
from credhub_cli.shells import SHELLS, words_of


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=sorted(SHELLS))


def run(here: Context) -> int:
    from credhub_cli.main import parser  # it knows this command too

    script = SHELLS[here.args.shell](list(words_of(parser())))
    here.out.result({"shell": here.args.shell, "script": script}, script.rstrip("\n"))
    return Exit.OK
