"""The JSON object in an uploaded file."""

import json
from typing import Any


def json_object(data: bytes) -> dict[str, Any] | None:
    """None for everything that is not one in UTF-8."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
        json.dumps(document, ensure_ascii=False).encode()  # no halves of surrogate pairs
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def as_file(document: dict[str, Any]) -> bytes:
    """The same for people and tools to read."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
