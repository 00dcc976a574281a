"""Logs: one line an event, on standard error; secrets are taken out by shape as a last line of defence.

The first line of defence is that nothing logs a secret: events name identifiers, not objects.
"""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)"  # PEM
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"  # JWT
    r"|\bchub_[A-Za-z0-9]{20,}",  # our own tokens
    re.DOTALL,
)


def redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: replace what has the shape of a secret in any text of the event, however deep."""
    for key, value in event.items():
        event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_SHAPES.sub("<redacted>", value)
    if isinstance(value, bytes | bytearray | memoryview):
        return "<bytes>"
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(each) for each in value]
    return value


def redact_line(_logger: Any, _name: str, line: str) -> str:
    """The same for the finished line: an object becomes text only there."""
    return SECRET_SHAPES.sub("<redacted>", line)


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
    renderer: Any = (
        structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Tracebacks become text before redaction, so that an exception's message is covered too.
            structlog.processors.format_exc_info,
            redact,
            renderer,
            redact_line,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "DEBUG" if debug else "INFO"},
        "loggers": {
            "django": {"level": "INFO"},
            "django.db.backends": {"level": "INFO"},
            "celery": {"level": "INFO"},
            "kombu": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            # Celery logs each received and finished message; the job rows say the same with more sense.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
