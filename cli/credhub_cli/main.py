"""`credhub`: which command is asked for, and the exit code that it ends with."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from credhub_cli import VERSION
from credhub_cli.commands import COMMANDS, Command
from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit, usage

_TOKEN = re.compile(r"chub_\w+")


class Parser(argparse.ArgumentParser):
    """Says nothing of a token that somebody typed in the wrong place."""

    def error(self, message: str) -> NoReturn:
        super().error(_TOKEN.sub("chub_…", message))


def _everywhere() -> Parser:
    """Options that may stand before the command or behind it; without defaults, so that both places count."""
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--json", action="store_true", help="the result as JSON, errors too")
    common.add_argument("--url", help="the address of CredHub (CREDHUB_URL)")
    common.add_argument("--ca-file", metavar="FILE", help="certificates to trust (REQUESTS_CA_BUNDLE)")
    return common


def parser() -> Parser:
    common = _everywhere()
    made = Parser(prog="credhub", parents=[common], description="Signing credentials from CredHub.")
    made.add_argument("--version", action="version", version=f"credhub {VERSION}")
    groups: dict[tuple[str, ...], Any] = {}
    groups[()] = made.add_subparsers(dest="word", metavar="COMMAND", required=True, parser_class=Parser)
    for command in COMMANDS:
        *group, name = command.name.split(" ")
        above = groups.get(tuple(group))
        if above is None:
            said = ", ".join(
                each.name.split(" ")[1] for each in COMMANDS if each.name.split(" ")[0] == group[0]
            )
            inside = groups[()].add_parser(group[0], help=said, description=said)
            above = inside.add_subparsers(dest="word2", metavar="COMMAND", required=True, parser_class=Parser)
            groups[tuple(group)] = above
        sub = above.add_parser(name, help=command.help, description=command.help, parents=[common])
        sub.set_defaults(command=command)
        command.arguments(sub)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code. Raises SystemExit as argparse does."""
    words = list(sys.argv[1:] if argv is None else argv)
    behind: list[str] = []
    if "--" in words:
        place = words.index("--")
        words, behind = words[:place], words[place + 1 :]
    args = parser().parse_args(words)
    command: Command = args.command
    here = Context(args, command_line=behind)
    try:
        if behind and not command.takes_command:
            raise usage("Only `credhub run` takes a command behind --.")
        return command.run(here)
    except CliError as error:
        here.out.error(error)
        return int(error.exit_code)
    except (LookupError, TypeError, ValueError) as error:
        said = f"CredHub answered in a way that this version does not know ({type(error).__name__})."
        here.out.error(CliError(Exit.FAILED, "unexpected", said))
        return int(Exit.FAILED)
    except BrokenPipeError:
        return int(Exit.FAILED)
    except OSError as error:
        here.out.error(CliError(Exit.FAILED, "files", f"{error.strerror}: {error.filename}"))
        return int(Exit.FAILED)
    except KeyboardInterrupt:
        return 130


def console() -> None:
    sys.exit(main())
