"""What is said: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from credhub_cli.errors import CliError


def printable(text: object) -> str:
    """Names come from other people: nothing in them moves the cursor of a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in str(text))


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def _json(data: Any) -> str:
    """Readable, and with what a terminal would obey as escapes: the same for programs."""
    told = json.dumps(data, indent=2, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in told)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as what is in them."""
    cells = [list(headings), *([printable(each) for each in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    lines = (
        "  ".join(each.ljust(width) for each, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
    return "\n".join(lines)


class Output:
    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, data: Any, text: str) -> None:
        """The one result of a command: `data` with --json, else `text`."""
        said = _json(data) if self.as_json else _lines(text)
        if said:
            sys.stdout.write(said + "\n")
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """For people alone."""
        if not self.as_json:
            sys.stderr.write(printable(text) + "\n")
            sys.stderr.flush()

    def error(self, error: CliError) -> None:
        if self.as_json:
            said = _json(error.told())
        else:
            said = f"credhub: {printable(error.detail)}"
            said += f" (request {printable(error.request_id)})" if error.request_id else ""
        sys.stderr.write(said + "\n")
