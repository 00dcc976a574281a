"""The cache in the database, with JSON in it: Django would unpickle what it finds there, and whoever can write into
the database could run code with that."""

import json
from typing import Any

from django.core.cache.backends import db


class _Json:
    """What the backend uses of `pickle`."""

    HIGHEST_PROTOCOL = 0

    @staticmethod
    def dumps(value: Any, _protocol: int | None = None) -> bytes:
        return json.dumps(value).encode()

    @staticmethod
    def loads(stored: bytes) -> Any:
        return json.loads(stored)


db.pickle = _Json  # type: ignore[attr-defined]  # its only user is the class below


class JsonCache(db.DatabaseCache):
    pass
