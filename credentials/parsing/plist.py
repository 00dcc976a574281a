"""XML property lists from strangers.

Of binary plists some are small on disk and endless when walked, and XML may be nested deeper than a later JSON dump
survives. So: XML only, no declarations beyond Apple's own DOCTYPE, and a budget over what is read. Read with
ElementTree, which is C, and not with plistlib, whose handlers in Python take most of the time of a large sync; the
tests hold both against each other.
"""

import re
from binascii import a2b_base64
from datetime import datetime
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from .errors import ParsingError

# Apple writes UTF-8. Another name would choose among Python's codecs, which nobody wants to.
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_LONGEST_DECLARATION = 200
MAX_NODES = 50_000
MAX_DEPTH = 32

# What may stand in a DOCTYPE's brackets: entities, above all
_DECLARATIONS = re.compile(rb"<!(?:ENTITY|ELEMENT|ATTLIST|NOTATION)|<!DOCTYPE[^>]*\[", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)

_MALFORMED = (ET.ParseError, ValueError, TypeError, OverflowError)


def load_plist(xml: bytes) -> dict[str, Any]:
    """The dictionary of an XML property list. ParsingError "not-a-profile" or "too-complex"."""
    declaration, end, _ = xml[:_LONGEST_DECLARATION].partition(b"?>")
    encodings = {name.lower() for name in _ENCODING.findall(declaration)}
    if not declaration.startswith(b"<?xml") or not end or encodings - {b"utf-8"}:
        raise _not_a_profile()
    if _DECLARATIONS.search(xml):
        raise _not_a_profile()
    try:
        root = ET.fromstring(xml)  # noqa: S314 - nothing is declared, so nothing expands
        if root.tag != "plist" or [child.tag for child in root] != ["dict"]:
            raise _not_a_profile()
        return _Reader().dictionary(root[0], 0)
    except ParsingError:
        raise
    except _MALFORMED:
        raise _not_a_profile() from None


class _Reader:
    """From elements to values, with a budget. Raises ValueError for what is no property list."""

    def __init__(self) -> None:
        self._nodes = 0

    def value(self, element: ET.Element, depth: int) -> Any:
        tag = element.tag
        if tag == "array":
            return self._array(element, depth)
        if tag == "dict":
            return self.dictionary(element, depth)
        if len(element):
            raise ValueError(f"<{tag}> holds elements.")
        return _LEAVES[tag](element.text or "") if tag in _LEAVES else _unknown(tag)

    def dictionary(self, element: ET.Element, depth: int) -> dict[str, Any]:
        children = list(element)
        keys, values = children[::2], children[1::2]
        self._count(len(values), depth + 1)
        if len(keys) != len(values) or any(key.tag != "key" or len(key) for key in keys):
            raise ValueError("Keys and values do not alternate.")
        return {key.text or "": self.value(each, depth + 1) for key, each in zip(keys, values, strict=True)}

    def _array(self, element: ET.Element, depth: int) -> list[Any]:
        self._count(len(element), depth + 1)
        tags = {each.tag for each in element}
        if len(tags) == 1 and (leaf := _LEAVES.get(tags.pop())) and not any(map(len, element)):
            return [leaf(each.text or "") for each in element]  # a thousand devices, say
        return [self.value(each, depth + 1) for each in element]

    def _count(self, nodes: int, depth: int) -> None:
        self._nodes += nodes
        if nodes and (self._nodes > MAX_NODES or depth > MAX_DEPTH):
            raise ParsingError(
                "too-complex",
                "The profile is nested too deeply or too long to be one of Apple's. It was refused.",
            )


def _date(text: str) -> datetime:
    """UTC, which property lists leave unsaid. Not by strptime, which imports something at its first use."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError("This is no date.")
    return datetime(*map(int, found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001


def _data(text: str) -> bytes:
    """A team's few certificates are in each of its thousands of profiles."""
    return _known_data(text) if len(text) <= _LONGEST_KNOWN else a2b_base64(text)


_LONGEST_KNOWN = 8192
_known_data = lru_cache(maxsize=256)(a2b_base64)


def _integer(text: str) -> int:
    return int(text, 16) if text.startswith(("0x", "0X", "-0x", "-0X")) else int(text)


_LEAVES: dict[str, Any] = {
    "string": str,
    "integer": _integer,
    "real": float,
    "true": lambda _text: True,
    "false": lambda _text: False,
    "date": _date,
    "data": _data,
}


def _unknown(tag: str) -> Any:
    raise ValueError(f"<{tag}> is none of a property list.")


def _not_a_profile() -> ParsingError:
    return ParsingError(
        "not-a-profile",
        "This is not a provisioning profile: it holds no readable property list. Download it again.",
    )
