"""Logs: one line an event, on standard error. A line holds what SAFE_FIELDS names, and nothing else.

Everything passes this door: our own events, and the records of Django, gunicorn, Celery and every library. A field
that is not on the list is masked whatever its type, so a secret cannot slip in under a new name or as bytes.
"""

import logging
import re
import sys
import unicodedata
import uuid
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any, TextIO

import structlog

from credhub.log_exceptions import exception_facts
from organizations.request_facts import request_facts

Event = MutableMapping[str, Any]

MASK = "<masked>"
LONGEST = 300
# Ids, counts and words of our own. Names of people and things are not here: the activity log has them.
SAFE_FIELDS = frozenset(
    {
        "timestamp", "level", "logger", "event", "request_id", "method", "route", "status", "milliseconds",
        "run", "kind", "attempt", "state", "error", "code", "count", "done", "left", "version", "seconds",
        "organization", "credential", "user", "model", "row", "rows", "action", "about", "provider",
        "chain", "sequence", "digest",
    }
)  # fmt: skip
# Libraries whose messages are constants of their source, with the data in the arguments
CONSTANT_WORDS = ("django.request", "django.server", "gunicorn", "celery", "kombu", "whitenoise")

OWN_EVENT = re.compile(r"[a-z][a-z0-9_.-]{0,59}")
FIELD_NAME = re.compile(r"[a-z_][a-z0-9_]{0,29}", re.IGNORECASE)
SECRET_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)"  # PEM
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"  # JWT
    r"|\bchub_[A-Za-z0-9_]{20,}",  # our own tokens
    re.DOTALL,
)


def only_what_is_safe(_logger: Any, _name: str, event: Event) -> Event:
    """A structlog processor: the event anew, from its safe fields. `masked` names those that were left out."""
    record: logging.LogRecord = event.pop("_record")
    own = event.pop("_from_structlog")
    exception = _exception(event.pop("exc_info", None))
    arguments = event.pop("positional_args", ())
    safe = {name: _value(value) for name, value in event.items() if name in SAFE_FIELDS}
    safe["event"] = _own_event(event["event"]) if own else _foreign_event(record, arguments)
    if not own:
        safe |= _request(record)
    if masked := sorted(name for name in event.keys() - SAFE_FIELDS if FIELD_NAME.fullmatch(name)):
        safe["masked"] = masked
    if exception is not None:
        safe["exception"] = exception_facts(exception, text)
    return safe


def readable_exceptions(_logger: Any, _name: str, event: Event) -> Event:
    """A structlog processor for terminals: the facts of an exception as lines of their own."""
    if "exception" in event:
        event["exception"] = "\n".join(
            line
            for facts in event["exception"]
            for line in (f"  {facts['type']}: {facts['message']}", *(f"    {place}" for place in facts["at"]))
        )
    return event


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes lines. One that cannot be made is told of, and nothing of it: logging's own report shows the arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        try:
            self.stream.write(f'{{"event": "log_line_lost", "level": "{record.levelname.lower()}"}}\n')
        except (OSError, ValueError):  # there is nobody to tell
            return


def text(value: str) -> str:
    """One short line: no control character, line break or direction override, nothing of a secret's shape."""
    kept = SECRET_SHAPES.sub(MASK, value)[:LONGEST]
    return "".join("·" if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in kept)


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, uuid.UUID | datetime):
        return str(value)
    if isinstance(value, list):  # of ids
        return [each if isinstance(each, int) else MASK for each in value]
    return text(str(value)) if isinstance(value, str) else MASK


def _own_event(event: Any) -> str:
    return event if isinstance(event, str) and OWN_EVENT.fullmatch(event) else MASK


def _foreign_event(record: logging.LogRecord, arguments: Any) -> str:
    """The library's constant words with its numbers; where data may be among the words, none of it."""
    if not isinstance(record.msg, str) or not record.name.startswith(CONSTANT_WORDS):
        return MASK
    words = text(record.msg)
    if not arguments:
        return words
    try:
        if isinstance(arguments, Mapping):
            return words % {name: _number(value) for name, value in arguments.items()}
        return words % tuple(_number(value) for value in arguments)
    except (TypeError, ValueError, KeyError):
        return words


def _number(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) else MASK


def _request(record: logging.LogRecord) -> dict[str, Any]:
    """The route in the place of the path, which may hold the token of an invitation or of a password reset."""
    request, status = getattr(record, "request", None), getattr(record, "status_code", None)
    facts: dict[str, Any] = dict(request_facts(request)) if request is not None else {}
    return {**facts, "status": status} if isinstance(status, int) else facts


def _exception(info: Any) -> BaseException | None:
    if isinstance(info, tuple):
        info = info[1] if len(info) > 1 else None
    elif info is True:
        info = sys.exc_info()[1]
    return info if isinstance(info, BaseException) else None


def logging_config(*, json_lines: bool, debug: bool) -> dict[str, Any]:
    """A `logging.config.dictConfig` dictionary that renders structlog and stdlib events alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderers: list[Any] = (
        [structlog.processors.JSONRenderer()]
        if json_lines
        else [readable_exceptions, structlog.dev.ConsoleRenderer(colors=False)]
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [only_what_is_safe, *renderers],
        "use_get_message": False,
        "pass_foreign_args": True,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"stderr": {"class": "credhub.logs.LineHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "DEBUG" if debug else "INFO"},
        "loggers": {
            "django": {"level": "INFO"},
            "django.db.backends": {"level": "INFO"},
            # Django's own handler would write the path and the query, past the formatter above.
            "django.server": {"level": "INFO", "handlers": [], "propagate": True},
            "celery": {"level": "INFO"},
            "kombu": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            # Each request, for those who collect lines; at a terminal it would bury what matters.
            "organizations.middleware": {"level": "INFO" if json_lines else "WARNING"},
            # Celery logs each received and finished message; the job rows say the same with more sense.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
