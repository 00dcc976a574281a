"""1,000 due syncs of 200 organizations and four workers, while one more organization queues 500."""

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from appstore import runs
from appstore.models import SyncRun
from tests import factories

ORGANIZATIONS, EACH, GREEDY, WORKERS = 200, 5, 500, 4


def run(_table: Callable[..., Any]) -> None:
    """Workers by turns in one process: each takes what is next, and holds it for four takings."""
    SyncRun.objects.all().delete()
    greedy = factories.make_root("Greedy")
    others = [factories.make_root(f"Fair {number}") for number in range(ORGANIZATIONS)]
    now = timezone.now() - timedelta(hours=1)
    SyncRun.objects.bulk_create(
        SyncRun(
            kind=SyncRun.Kind.CANARY, job=f"{organization.pk}/{number}", trigger=SyncRun.Trigger.SCHEDULE,
            organization=organization, next_run_at=now,
        )
        for organization, count in [(greedy, GREEDY), *((other, EACH) for other in others)]
        for number in range(count)
    )  # fmt: skip
    taken: dict[Any, list[int]] = defaultdict(list)
    held: list[SyncRun] = []
    start = time.perf_counter()
    for moment in range(GREEDY + ORGANIZATIONS * EACH):
        if len(held) == WORKERS:
            held.pop(0).succeed()
        found = next((run for due in runs.turns.next_runs() if (run := runs._take(due)) is not None), None)
        if found is None:
            break
        taken[found.organization_id].append(moment)
        held.append(found)
    seconds = time.perf_counter() - start
    for left in held:
        left.succeed()
    # Fair: every organization with something due gets one turn a round, until what it asked for is done.
    waits = [
        taken[other.pk][number] / ((number + 1) * (ORGANIZATIONS + 1))
        for other in others
        for number in range(EACH)
    ]
    total = sum(map(len, taken.values()))
    print(
        f"\n{total} runs of {ORGANIZATIONS + 1} organizations, one of which queued {GREEDY} ({WORKERS} workers)\n"
        f"  {max(waits):>7.2f} ×  its fair share is what an organization waits at most (2.00 is allowed)\n"
        f"  {1000 * seconds / total:>7.1f} ms  to find and take the next run"
    )
