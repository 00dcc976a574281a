"""`make bench`: what things cost, each as a ratio to a floor that is measured in the same run.

A ratio says what our code adds; the floor beside it says what the machine gives. Nothing here asserts: figures are
for people, and a slower machine is not a failure. With names, `python -m tests.bench syncing`, only these.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

import django
from django.test.utils import get_runner, setup_test_environment

REPEAT = 7


def measure(work: Callable[[], object]) -> float:
    """Median seconds of a call, after one to warm up."""
    work()
    times = []
    for _ in range(REPEAT):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def table(
    title: str, floor: tuple[str, Callable[[], object]], works: dict[str, Callable[[], object]]
) -> None:
    name, base = floor
    unit = measure(base)
    print(f"\n{title}\n  {'1.0 ×':>9}  {name} ({unit * 1000:.2f} ms)")
    for label, work in works.items():
        seconds = measure(work)
        print(f"  {seconds / unit:>7.1f} ×  {label} ({seconds * 1000:.2f} ms)")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    setup_test_environment()
    from django.conf import settings

    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        from tests.bench import (
            auditing,
            fairness,
            importing,
            lists,
            pulling,
            reading,
            rotating,
            sealing,
            syncing,
        )

        parts = (sealing, reading, lists, pulling, rotating, auditing, fairness, importing, syncing)
        chosen = sys.argv[1:]
        for part in parts:
            if not chosen or part.__name__.rpartition(".")[2] in chosen:
                part.run(table)
    finally:
        runner.teardown_databases(databases)
    return 0


if __name__ == "__main__":
    sys.exit(main())
