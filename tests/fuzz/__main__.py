"""`python -m tests.fuzz --count 1000000 --seed 1`: prints what came of it; status 1 if anything was found."""

import argparse
import resource
import sys
import time
import warnings
from contextlib import suppress

from tests.fuzz.run import Report, fuzz
from tests.fuzz.targets import TARGETS

STEP = 10_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--parser", default="", choices=["", *(target.name for target in TARGETS)])
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # what cryptography will refuse one day
    start, total = time.monotonic(), Report()
    with suppress(KeyboardInterrupt):  # what was done until then is told
        _run(options, total, start)
    print(_told(total, time.monotonic() - start))  # noqa: T201
    return 1 if total.findings else 0


def _run(options: argparse.Namespace, total: Report, start: float) -> None:
    while total.count < options.count:
        first = options.first + total.count
        told = len(total.findings)
        fuzz(min(STEP, options.count - total.count), options.seed, total, first=first, only=options.parser)
        for finding in total.findings[told:]:
            print("FOUND", finding, flush=True)  # noqa: T201
        rate = total.count / (time.monotonic() - start)
        print(f"{total.count:>9,} inputs, {rate:,.0f} a second", file=sys.stderr, flush=True)  # noqa: T201


def _told(total: Report, seconds: float) -> str:
    lines = []
    for name, tally in total.tallies.items():
        count, accepted = tally.outcomes.total(), tally.outcomes["accepted"]
        if count:
            codes = [
                f"{code} {times:,}" for code, times in tally.outcomes.most_common() if code != "accepted"
            ]
            each, slowest = tally.seconds / count * 1e6, tally.slowest * 1000
            told = f"{name:12} {count:>9,} inputs, {accepted:>8,} accepted, {count - accepted:>9,} refused, "
            lines.append(f"{told}{each:>7,.0f} µs each, slowest {slowest:,.0f} ms: {tally.slowest_recipe}")
            lines.append(f"{'':12} {', '.join(codes)}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rate = total.count / seconds
    lines.append(f"{total.count:,} inputs in {seconds:,.0f} s ({rate:,.0f} a second), peak {memory} MiB")
    return "\n".join([*lines, f"{len(total.findings)} findings"])


if __name__ == "__main__":
    sys.exit(main())
