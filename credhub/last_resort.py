"""What nobody catches goes to the log like everything else; Python itself would print the exception's words."""

import sys
import threading
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger("credhub.last_resort")


def install() -> None:
    """In servers: web and worker. A command's exception is for the person at the terminal."""
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None = None, /
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("uncaught", exc_info=(kind, error, traceback))


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not issubclass(told.exc_type, SystemExit):
        log.critical("uncaught_in_thread", exc_info=(told.exc_type, told.exc_value, told.exc_traceback))


def _unraisable(told: Any) -> None:
    log.error("unraisable", exc_info=(told.exc_type, told.exc_value, told.exc_traceback))
