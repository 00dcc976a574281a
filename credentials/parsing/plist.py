"""XML property lists from strangers.

plistlib itself refuses entities, but takes binary plists that are small on disk and endless when walked, and
XML nested deeper than a later JSON dump survives. So: XML only, and a budget over what was loaded.
"""

import plistlib
import re
from typing import Any
from xml.parsers.expat import ExpatError

from .errors import ParsingError

# Apple writes UTF-8. Another name would choose among Python's codecs, which nobody wants to.
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_LONGEST_DECLARATION = 200
MAX_NODES = 50_000
MAX_DEPTH = 32

# All that plistlib raises on malformed XML: a bad date is an AttributeError, a stray key an
# IndexError, an unknown encoding a LookupError.
_MALFORMED = (ExpatError, ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)


def load_plist(xml: bytes) -> dict[str, Any]:
    """The dictionary of an XML property list. ParsingError "not-a-profile" or "too-complex"."""
    declaration, end, _ = xml[:_LONGEST_DECLARATION].partition(b"?>")
    encodings = {name.lower() for name in _ENCODING.findall(declaration)}
    if not declaration.startswith(b"<?xml") or not end or encodings - {b"utf-8"}:
        raise _not_a_profile()
    try:
        loaded = plistlib.loads(xml, fmt=plistlib.FMT_XML)
    except _MALFORMED:
        raise _not_a_profile() from None
    if not isinstance(loaded, dict):
        raise _not_a_profile()
    _spend_budget(loaded)
    return loaded


def _spend_budget(root: object) -> None:
    """Walks without recursion; the node budget also ends a walk over shared or circular parts."""
    nodes, todo = 0, [(root, 0)]
    while todo:
        node, depth = todo.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ParsingError(
                "too-complex",
                "The profile is nested too deeply or too long to be one of Apple's. It was refused.",
            )
        if isinstance(node, dict):
            todo.extend((value, depth + 1) for value in node.values())
        elif isinstance(node, list):
            todo.extend((value, depth + 1) for value in node)


def _not_a_profile() -> ParsingError:
    return ParsingError(
        "not-a-profile",
        "This is not a provisioning profile: it holds no readable property list. Download it again.",
    )
