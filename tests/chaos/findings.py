"""Everything that is looked at when it is over: invariant → what breaks it, and what else there is to count."""

import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests import leaks
from tests.chaos import trace
from tests.chaos.breaking import Breaking
from tests.chaos.checks import apples_side, mirrors, owners, runs
from tests.chaos.house import House
from tests.chaos.mirrored import listed, mirrored
from tests.process.house import ROOT

RUNS = "SELECT *, now() AS now FROM appstore_syncrun"


@dataclass
class Findings:
    """`broken`: invariant → a line for each case; all of them empty is what a run is for."""

    broken: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not any(self.broken.values())


def look_behind_the_clock(house: House, lease: float, into: Findings) -> None:
    """Before time passes, which would heal what a clock that was set right left behind."""
    rows = house.database.rows(RUNS)
    left = runs.left_by_the_clock(rows, rows[0]["now"], lease)
    into.broken["runs left behind by a clock that was set right"] = [*left]


def look_after_rest(house: House, breaking: Breaking, stopped: set[str], into: Findings) -> None:
    """Before the clean syncs, which would hide a sync that was lost."""
    rows = house.database.rows(RUNS)
    into.broken["runs that never ended (I1)"] = [*runs.unfinished(rows, rows[0]["now"])]
    into.broken["syncs that were due and not done (I1)"] = [*runs.never_done(breaking.dues, rows, stopped)]
    into.broken["runs held by the dead for over two sweeps (I9)"] = [
        *runs.held_by_the_dead(rows, rows[0]["now"])
    ]
    into.figures["teams that wait for a person (every key refused)"] = len(stopped)


def is_mirrored(house: House) -> bool:
    ours, apples = mirrored(house.database), listed(house, house.apple.objects())
    checks = (mirrors.wrong_tombstones, mirrors.never_mirrored, mirrors.unmarked)
    return not any(list(check(apples, ours)) for check in checks)


def look_at_everything(house: House, breaking: Breaking, into: Findings) -> None:
    events = trace.read(house.database)
    rows = house.database.rows(RUNS)
    objects = house.apple.objects()
    ours, apples = mirrored(house.database), listed(house, objects)
    asked = house.apple.record.asked()
    attributes = {
        team: {name: [each["attributes"] for each in found] for name, found in collections.items()}
        for team, collections in objects.items()
    }
    into.broken |= {
        "runs that never ended, after the clean syncs": [*runs.unfinished(rows, rows[0]["now"])],
        "rows of runs lost or from nowhere (I10)": [*runs.lost_rows(events, rows)],
        "fences given out twice (I2)": [*owners.double_claims(events)],
        "rows written by another than the owner (I2)": [*owners.strange_writes(events)],
        "generations finished twice (I3)": [*owners.generations_twice(events)],
        "rows overwritten by an older run (I3)": [*owners.generations_backwards(events)],
        "wrong tombstones at the end (I4)": [*mirrors.wrong_tombstones(apples, ours)],
        "wrong tombstones on the way (I4)": [*mirrors.hasty_tombstones(events, house.apple.first_removed)],
        "objects at Apple and not in the mirror": [*mirrors.never_mirrored(apples, ours)],
        "objects gone at Apple and not marked": [*mirrors.unmarked(apples, ours)],
        "objects created twice at Apple": [*apples_side.created_twice(attributes)],
        "requests to another host": house.elsewhere.visits,
        "keys pressed while refused (I8)": [
            *apples_side.pressed_while_refused(asked, house.clock.stepped_at)
        ],
        "private keys in Redis (I5)": _canaries(house),
        "audit chain (I6)": _audit(house),
    }
    into.figures |= _figures(events, rows, asked, _spans(house, rows))
    into.figures["workers that were stopped by the fence"] = _said(house, "run_lease_lost")
    into.figures["statements that waited too long for a lock"] = _said(
        house, "psycopg.errors.LockNotAvailable"
    )


def _said(house: House, words: str) -> int:
    """How often the workers' logs say so."""
    return sum(path.read_text(errors="replace").count(words) for path in house.folder.glob("worker-*.log"))


def _canaries(house: House) -> list[str]:
    canaries = {issued.key_id: issued.p8 for account in house.accounts for issued in account.keys}
    return [f"{found.path}: {found.form}" for found in leaks.find(canaries, house.snapshots)]


def _audit(house: House) -> list[str]:
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_audit"], cwd=ROOT, env=house.environ, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    return [] if done.returncode == 0 else [f"verify_audit: {done.stdout.strip()} {done.stderr.strip()}"]


def _spans(house: House, rows: list[dict[str, Any]]) -> dict[str, list[tuple[datetime, datetime]]]:
    """Key → when runs of its team went on. A request is seen up to a second late."""
    issuers = house.database.rows("SELECT id, issuer_id FROM appstore_developerteam")
    ours = {row["id"]: row["issuer_id"] for row in issuers}
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in sorted((row for row in rows if row["started_at"]), key=lambda row: row["started_at"]):
        found[ours.get(row["team_id"], "")].append(
            (row["started_at"], (row["finished_at"] or row["now"]) + timedelta(seconds=1))
        )
    return {
        issued.key_id: found[account.team.issuer_id] for account in house.accounts for issued in account.keys
    }


def _figures(
    events: list[trace.Event],
    rows: list[dict[str, Any]],
    asked: list[apples_side.Asked],
    spans: dict[str, list[tuple[datetime, datetime]]],
) -> dict[str, Any]:
    states = Counter(f"{row['kind']} {row['state']}" for row in rows)
    errors = Counter(row["error_code"] for row in rows if row["state"] in {"FAILED", "DEAD"})
    statuses = Counter(each.status for each in asked)
    lags = sorted(runs.lags(events))
    return {
        "runs": f"{len(rows)}: {_told(states)}",
        "… of these not successful, by reason": _told(errors) or "none",
        "claims (attempts)": runs.claims(events),
        "rows written, by the triggers' count": len(events),
        "tombstones": mirrors.tombstones(events),
        "requests that Apple got, by status (0: none was given)": f"{len(asked)}: {_told(statuses)}",
        "requests repeated within a run": apples_side.repeated(asked, spans),
        "due → claimed, p50": f"{statistics.median(lags):.1f} s" if lags else "-",
        "due → claimed, p99": f"{lags[int(len(lags) * 0.99)]:.1f} s" if lags else "-",
    }


def _told(counts: Counter[Any]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counts.items(), key=str))
