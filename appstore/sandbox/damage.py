"""What faults do to an answer that is otherwise right: to a page's links and objects, and to its bytes."""

from collections.abc import Callable, Iterator, Mapping
from threading import Event
from urllib.parse import urlsplit

from appstore.sandbox.exchange import Answer
from appstore.sandbox.faults import Fault, FaultKind
from appstore.sandbox.rendering import Document

FOREIGN = "https://evil.example"
PIECE = 256


def spoil_page(kind: FaultKind, document: Document) -> None:
    """Change a page of a list as the fault says; other documents and faults stay as they are."""
    if "paging" in document.get("meta", {}) and kind in _PAGES:
        _PAGES[kind](document)


def _endless(page: Document) -> None:
    page["links"]["next"] = page["links"]["self"]


def _missing_next(page: Document) -> None:
    page["links"].pop("next", None)


def _foreign_next(page: Document) -> None:
    parts = urlsplit(page["links"].get("next") or page["links"]["self"])
    page["links"]["next"] = f"{FOREIGN}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _duplicate_ids(page: Document) -> None:
    if page["data"]:
        page["data"][-1] = page["data"][0]


_PAGES: Mapping[FaultKind, Callable[[Document], None]] = {
    FaultKind.ENDLESS: _endless,
    FaultKind.MISSING_NEXT: _missing_next,
    FaultKind.FOREIGN_NEXT: _foreign_next,
    FaultKind.DUPLICATE_IDS: _duplicate_ids,
}


def spoil_body(fault: Fault, answer: Answer, stopping: Event) -> None:
    """Let the body break off, or come slowly; `stopping` ends the waits."""
    half = len(answer.body) // 2
    match fault.kind:
        case FaultKind.MALFORMED:
            answer.body = answer.body[:half]
        case FaultKind.CUT:
            answer.pieces = iter([answer.body[:half]])
        case FaultKind.DRIP:
            answer.pieces = _dripping(answer.body, fault.delay, stopping)


def _dripping(body: bytes, delay: float, stopping: Event) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE):
        stopping.wait(delay)
        yield body[start : start + PIECE]
