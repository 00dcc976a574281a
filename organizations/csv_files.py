"""Tables as CSV files for spreadsheets, written row by row. A cell is text there, whoever chose it: never a formula."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

from organizations.downloads import streamed

# How spreadsheets know a formula, also behind what some of them take for the end of a cell
_FORMULA = re.compile(r"(^|[;\t\r\n])(\s*[=+\-@＝＋－＠])")


class _Line:
    """What csv writes into: it hands the line back."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> str:
    """`value` as a text. What a spreadsheet would take for a formula gets an apostrophe in front."""
    return _FORMULA.sub(r"\1'\2", "" if value is None else str(value))


def lines(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def csv_file(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """The file. `rows` is read while it is sent."""
    return streamed(lines(head, rows), name=name, content_type="text/csv; charset=utf-8")
