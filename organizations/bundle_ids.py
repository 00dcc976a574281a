"""Bundle IDs (and application IDs) that a token is limited to: exact ones, and `com.acme.*` for all that begin so."""

import re

_ONE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(\.\*)?", re.ASCII)
LONGEST = 255


def is_pattern(word: str) -> bool:
    """`com.acme.app` or `com.acme.*`. A `*` alone is none: it would be no limit."""
    return len(word) <= LONGEST and _ONE.fullmatch(word) is not None


def prefix_of(pattern: str) -> str:
    """What everything begins with that this pattern covers; empty for an exact one."""
    return pattern[:-1] if pattern.endswith(".*") else ""


def covers(patterns: list[str], identifier: str) -> bool:
    """Whether one of them is this bundle ID, or a prefix of it. Letters count as they are written."""
    return any(
        identifier.startswith(prefix) and identifier != prefix
        if (prefix := prefix_of(pattern))
        else identifier == pattern
        for pattern in patterns
    )
