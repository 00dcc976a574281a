"""Text out of foreign files, made fit to be shown and stored."""

import unicodedata

MAX_NAME = 255
# Marks and overrides of writing direction: they disguise names. Joiners stay, emoji need them.
_DIRECTION = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(value: object, limit: int = MAX_NAME) -> str:
    """`value` without control, direction and surrogate characters, trimmed and cut; "" unless it is text."""
    if not isinstance(value, str):
        return ""
    kept = "".join(c for c in value[: limit * 4] if _fit(c))
    return kept.strip()[:limit].strip()


def _fit(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _DIRECTION
