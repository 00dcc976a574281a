"""`python -m tests.chaos --seed 1`: breaks everything, waits, counts; status 1 if an invariant is broken."""

import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.house import House, house
from tests.chaos.plan import Plan, from_command_line

SWEEPS = 30.0  # seconds: six of them


def main() -> int:
    plan = from_command_line()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.umask(0o077)
    folder = Path(tempfile.mkdtemp(prefix="credhub-chaos-"))
    try:
        with house(plan, folder) as running:
            is_good = _run(plan, running)
    except BaseException:
        _say(f"The logs are in {folder}")
        raise
    if is_good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        _say(f"The logs are in {folder}")
    return 0 if is_good else 1


def _run(plan: Plan, running: House) -> bool:
    os.environ.update(running.environ)
    import django

    django.setup()
    logging.disable()  # what fails here while servers are away is meant to
    from tests.chaos import product, report, resting, trace
    from tests.chaos.breaking import Breaking
    from tests.chaos.findings import Findings, look_after_rest, look_at_everything, look_behind_the_clock

    start, findings = time.monotonic(), Findings()
    product.prepare()
    running.apple.wait()
    trace.install(running.database)
    product.upload(running.accounts, plan.organizations)
    breaking = Breaking(plan, running)
    running.apple.record.start()
    for _ in range(plan.workers):
        running.start_worker()
    running.start_schedulers(plan.schedulers)
    _say(f"seed {plan.seed}: {len(plan.actions())} things to break, in {running.folder}")
    breaking.run()
    broken_in = time.monotonic() - start
    _say(f"Broken in {broken_in:.0f} s. Now it is to come to rest.")
    findings.figures["seconds of breaking"] = round(broken_in)
    findings.figures["troubles at Apple that met no request"] = resting.end_of_faults(running)
    rest = resting.come_to_rest(running, min(SWEEPS, plan.patience))
    look_behind_the_clock(running, plan.lease, findings)
    running.clock.let_time_pass()
    rest += resting.come_to_rest(running, plan.patience)
    findings.figures["seconds to come to rest"] = round(rest)
    look_after_rest(running, breaking, resting.stopped_teams(running), findings)
    findings.figures["clean syncs until the mirror was true"] = _sync_clean(plan, running)
    running.look_into_redis()
    running.stop_product()
    running.apple.record.stop()
    look_at_everything(running, breaking, findings)
    _say("\n".join(report.lines(plan.seed, breaking, findings)))
    return findings.is_good


def _sync_clean(plan: Plan, running: House) -> int:
    """Syncs of every team in peace, until the mirror says what Apple lists; at most so many."""
    from tests.chaos import product, resting
    from tests.chaos.findings import is_mirrored

    for number in range(1, plan.clean_syncs + 1):
        if number == 1:
            product.ask_for_checks()  # a refused key comes back, and a sync follows each check
        else:
            product.ask_for_syncs()
        resting.come_to_rest(running, plan.patience)
        if is_mirrored(running):
            return number
    return plan.clean_syncs


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
