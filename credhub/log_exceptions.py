"""An exception as a log may hold it: what it is and where it happened; no values, and no words that are not ours."""

import traceback
from collections.abc import Callable
from typing import Any

MASK = "<masked>"
OWN = ("organizations.", "credentials.", "appstore.", "credhub.")
MOST_FRAMES, LONGEST_CHAIN = 30, 5


def exception_facts(error: BaseException, text: Callable[[str], str]) -> list[dict[str, Any]]:
    """The exception and what it came from, the last one first.

    Messages of our own exceptions are sentences for people and pass `text`. Any other's may quote the data that it
    choked on, such as a row or a key, and is masked.
    """
    chain: list[dict[str, Any]] = []
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen and len(chain) < LONGEST_CHAIN:
        seen.add(id(each))
        chain.append(_facts(each, text))
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return chain


def _facts(error: BaseException, text: Callable[[str], str]) -> dict[str, Any]:
    kind = type(error)
    facts: dict[str, Any] = {
        "type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."),
        "message": text(_words(error)) if kind.__module__.startswith(OWN) else MASK,
        "at": [
            f"{_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
            for frame, line in traceback.walk_tb(error.__traceback__)
        ][-MOST_FRAMES:],
    }
    if isinstance(error, OSError) and isinstance(error.errno, int):
        facts["errno"] = error.errno
    return facts


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever an exception's own text raises, the log goes on
        return MASK


def _short(file_name: str) -> str:
    """The last three steps of a path: enough to find the file, and nothing of the machine."""
    return "/".join(file_name.replace("\\", "/").split("/")[-3:])
