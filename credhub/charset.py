"""What a request holds is UTF-8, whatever it says of itself.

Django would decode the query by the charset of the Content-Type, before any middleware runs, and falls over those of
Python's codecs that are no text: `charset=hex` is a fault that no page of ours answers.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

_CHARSET = re.compile(r";\s*charset\b[^;]*", re.IGNORECASE)
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def utf8_alone(application: Application) -> Application:
    """The WSGI application, which is told of no charset."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if content_type := environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = _CHARSET.sub("", content_type)
        return application(environ, start_response)

    return answer
