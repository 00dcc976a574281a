"""Traces written by hand, for the tests of what judges them."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.trace import JOBS, Event

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TEAM = "team-1"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Trace:
    """One run of one team, told step by step; each step is a transaction of its own."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.job: dict[str, Any] = {}
        self._txids = itertools.count(1)

    def add(self, second: float, who: str, relation: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        moment = at(second)
        txid = next(self._txids)
        self.events.append(Event(len(self.events), moment, moment, txid, who, relation, old, new))

    def change(self, second: float, who: str, **values: Any) -> None:
        old, self.job = self.job, {**self.job, **values}
        self.add(second, who, JOBS, old, self.job)

    def request(self, second: float = 0, run: str = "run-1") -> None:
        self.job = {}
        self.change(
            second, "web", id=run, kind="SYNC", team_id=TEAM, state="QUEUED", fence=0, generation=0,
            next_run_at=at(second).isoformat(), lease_until=None, finished_at=None,
        )  # fmt: skip

    def claim(self, second: float, who: str, *, fence: int, lease: float = 10) -> None:
        self.change(second, who, state="RUNNING", fence=fence, lease_until=at(second + lease).isoformat())

    def page(
        self, second: float, who: str, *, generation: int = 1, job: dict[str, Any] | None = None
    ) -> None:
        """A row of the mirror and the job row in one transaction; `job`: as the writer thinks it is."""
        held = job or self.job
        self.row(second, who, generation=generation)
        last = self.events[-1]
        self.events.append(Event(len(self.events), last.at, last.at, last.txid, who, JOBS, held, held))

    def row(self, second: float, who: str, *, generation: int = 1, gone_at: str | None = None) -> None:
        old = {"id": "row-1", "team_id": TEAM, "apple_id": "A1", "gone_at": None, "seen_generation": 0}
        new = {**old, "seen_generation": generation, "gone_at": gone_at}
        self.add(second, who, "appstore_device", old, new)

    def end(self, second: float, who: str, *, generation: int = 1) -> None:
        self.change(second, who, state="SUCCEEDED", generation=generation, finished_at=at(second).isoformat())
