"""What Apple says in errors, made fit for people and logs."""

import re

from organizations.words import clean

MAX_MESSAGE = 500  # no sentence for people is longer; what keeps them has this much room
MAX_QUOTED = 250
# A signed token, should a server ever echo ours: base64 of '{"…'.
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+")


def quoted(value: object) -> str:
    """`clean`, free of anything that looks like a token, and short enough to be part of a sentence."""
    return shortened(_TOKEN.sub("…", clean(value, 4 * MAX_QUOTED)))


def shortened(text: str, limit: int = MAX_QUOTED) -> str:
    """At most `limit` characters. What is left out shows as "…", which follows a whole word where one ends."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    words = kept.rpartition(" ")[0]
    # A "word" of half the length is none: an identifier, or what somebody made up.
    return (words if len(words) >= limit // 2 else kept).rstrip(" ,;:.") + "…"
