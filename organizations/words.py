"""Text from elsewhere (people, Apple, files), made fit to be shown, stored and logged."""

import unicodedata

MAX_NAME = 255
# Marks and overrides of writing direction, and what nobody sees: they disguise names. Joiners stay, emoji need them.
_DISGUISES = set(
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
# Control characters, surrogates, line and paragraph separators
_UNFIT = {"Cc", "Cs", "Zl", "Zp"}


def clean(value: object, limit: int = MAX_NAME) -> str:
    """`value` without characters that control, disguise or break lines, trimmed and cut; "" unless it is text."""
    if not isinstance(value, str):
        return ""
    kept = value[: limit * 4]
    if not (kept.isascii() and kept.isprintable()):  # most of what Apple sends is nothing else
        kept = "".join(c for c in kept if _fit(c))
    return kept.strip()[:limit].strip()


def typed_name(value: object) -> str:
    """A name that somebody typed: `clean`, on one line, with single spaces."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return " ".join(clean(words).split())


def _fit(character: str) -> bool:
    return unicodedata.category(character) not in _UNFIT and character not in _DISGUISES
