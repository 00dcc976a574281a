"""What Apple says in errors, made fit for people and logs."""

import re

from organizations.words import clean

# A signed token, should a server ever echo ours: base64 of '{"…'.
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+")


def quoted(value: object, limit: int = 300) -> str:
    """`clean`, and free of anything that looks like a token."""
    return _TOKEN.sub("…", clean(value, limit))
