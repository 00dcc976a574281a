"""How much of everything: the command line, and the order of what is done, which the seed decides."""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Plan:
    """Counts are of the whole run. `pace`: seconds between two things that are done, on the average."""

    seed: int = 1
    teams: int = 40
    large_teams: int = 4  # among them: with several pages of devices and profiles
    organizations: int = 10
    workers: int = 3
    schedulers: int = 3
    worker_kills: int = 40
    worker_freezes: int = 10
    redis_kills: int = 8
    flushes: int = 6
    postgres_restarts: int = 5
    clock_steps: int = 8
    apple_faults: int = 120
    apple_restarts: int = 4
    removals: int = 16
    clean_syncs: int = 3
    pace: float = 0.6
    lease: int = 6
    patience: int = 240

    def actions(self) -> list[str]:
        """What is done, in the seed's order. Steps of the clock come in pairs: away, and back."""
        wanted = {
            "kill_worker": self.worker_kills,
            "freeze_worker": self.worker_freezes,
            "kill_redis": self.redis_kills,
            "flush_redis": self.flushes,
            "restart_postgres": self.postgres_restarts,
            "step_clock": self.clock_steps,
            "trouble_at_apple": self.apple_faults,
            "restart_apple": self.apple_restarts,
            "remove_at_apple": self.removals,
        }
        actions = [name for name, times in wanted.items() for _ in range(times)]
        random.Random(f"{self.seed}/actions").shuffle(actions)
        return actions


def from_command_line(arguments: Sequence[str] | None = None) -> Plan:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description="Break everything, then count."
    )
    for field in fields(Plan):
        kind = type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    return Plan(**vars(parser.parse_args(arguments)))
