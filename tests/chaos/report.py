"""What people read in the end: a table that can stand in docs/sync-under-faults.md as it is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chaos.breaking import Breaking
from tests.chaos.findings import Findings

SHOWN = 5  # cases of each broken invariant


def lines(seed: int, breaking: Breaking, findings: Findings) -> Iterator[str]:
    done = dict(breaking.done) | {
        "troubles at Apple": f"{breaking.troubles.total()}: {_told(breaking.troubles)}",
        "… not offered by the sandbox": _told(breaking.not_offered) or "none",
        "syncs made due": len(breaking.dues),
    }
    yield f"| seed {seed} | count |"
    yield "|---|---|"
    for part in (done, findings.figures, {name: len(cases) for name, cases in findings.broken.items()}):
        yield from _rows(part)
    for name, cases in findings.broken.items():
        if cases:
            yield f"\nBROKEN: {name}"
            yield from (f"  {case}" for case in cases[:SHOWN])
            if len(cases) > SHOWN:
                yield f"  … and {len(cases) - SHOWN} more"
    yield "\nEvery invariant holds." if findings.is_good else "\nInvariants are broken."


def _rows(part: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"| {name} | {value} |" for name, value in part.items())


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counts.items()))
