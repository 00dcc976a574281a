"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "OK"
    WARN = "WARN"  # works, and wants attention
    FAIL = "FAIL"  # does not work, or is not safe


@dataclass(frozen=True)
class Finding:
    level: Level
    what: str
    text: str


def ok(what: str, text: str) -> Finding:
    return Finding(Level.OK, what, text)


def warn(what: str, text: str) -> Finding:
    return Finding(Level.WARN, what, text)


def fail(what: str, text: str) -> Finding:
    return Finding(Level.FAIL, what, text)
