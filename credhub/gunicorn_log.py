"""gunicorn's log goes through the same door as everything else (credhub/logs.py)."""

import logging.config
import os
from typing import Any

import environ
from gunicorn.glogging import Logger

from credhub import first_start
from credhub.logs import logging_config

QUOTING = "Invalid request from"


class GunicornLog(Logger):  # type: ignore[misc]
    """gunicorn.error is handed to the root logger; the access log stays empty, because its lines have addresses with
    tokens in them (organizations/middleware.py logs each request with its route)."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        # gunicorn's first process loads no Django settings, which would set this up.
        production = first_start.is_production(os.environ)
        json_lines = environ.Env().bool("CREDHUB_LOG_JSON", default=production)
        logging.config.dictConfig(logging_config(json_lines=json_lines, debug=False))
        self.loglevel = self.LOG_LEVELS.get(str(cfg.loglevel).lower(), logging.INFO)
        self.error_log.setLevel(self.loglevel)
        self.error_log.propagate = True

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Of a request that cannot be read gunicorn quotes what was wrong, such as an address with a token in it, in
        words that look constant to the formatter."""
        if str(msg).startswith(QUOTING):
            msg = "Invalid request"
        super().warning(msg, *args, **kwargs)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Nothing."""
