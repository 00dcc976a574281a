"""Runs inputs and counts how each ends."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from credentials.parsing.errors import ParsingError
from tests.fuzz.targets import TARGETS, Target

SLOW_SECONDS = 1.0  # of processor time: where the child would be stopped


@dataclass
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_recipe: str = ""


@dataclass
class Report:
    tallies: dict[str, Tally] = field(default_factory=lambda: {target.name: Tally() for target in TARGETS})
    findings: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(tally.outcomes.total() for tally in self.tallies.values())


def fuzz(count: int, seed: int, report: Report, *, first: int = 0, only: str = "") -> None:
    """Run `count` inputs from number `first` on. A finding names its recipe: parser, seed and number."""
    targets = [target for target in TARGETS if only in {"", target.name}]
    weights = [target.share for target in targets]
    for number in range(first, first + count):
        rng = random.Random(f"{seed}:{number}")
        target = rng.choices(targets, weights)[0]
        recipe = f"--seed {seed} --first {number}" + (f" --parser {only}" if only else f" ({target.name})")
        _run_one(target, rng, recipe, report)


def _run_one(target: Target, rng: random.Random, recipe: str, report: Report) -> None:
    tally = report.tallies[target.name]
    data = target.make(rng)
    start = time.process_time()
    outcome = outcome_of(target, data)
    took = time.process_time() - start
    tally.outcomes[outcome] += 1
    tally.seconds += took
    if took > tally.slowest:
        tally.slowest, tally.slowest_recipe = took, recipe
    if outcome.startswith("!") or took > SLOW_SECONDS:
        report.findings.append(f"{outcome} in {took:.2f} s: {recipe}, {len(data)} bytes {data[:120].hex()}")


def outcome_of(target: Target, data: bytes) -> str:
    """ "accepted", the code of a refusal, or "!" and what should not have happened."""
    try:
        target.run(data)
    except ParsingError as error:
        return error.code
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a panic in Rust is no Exception
        return f"!{type(error).__name__}: {error}"[:200]
    return "accepted"
