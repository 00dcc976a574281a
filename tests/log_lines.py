"""Catches everything that is logged, as CredHub writes it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from credhub.logs import logging_config


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """The lines of every level, in both of our formats."""
    root, lines, handlers = logging.getLogger(), io.StringIO(), []
    for json_lines in (True, False):
        form = logging_config(json_lines=json_lines, debug=True)["formatters"]["lines"]
        handler = logging.StreamHandler(lines)
        options = {name: value for name, value in form.items() if name != "()"}
        handler.setFormatter(structlog.stdlib.ProcessorFormatter(**options))
        handlers.append(handler)
        root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)
