"""What Apple has at the start, as the sandbox's own state file, made before the sandbox runs."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

from appstore.sandbox.model import IssuedKey, Program, Team
from appstore.sandbox.registry import Registry
from appstore.sandbox.server import STATE_FILE
from tests.chaos.plan import Plan

SMALL = {"certificates": 10, "profiles": 30, "bundle_ids": 12, "devices": 30}
LARGE = {"certificates": 12, "profiles": 450, "bundle_ids": 20, "devices": 460}  # three pages of 200
EVERY_TENTH = 10


@dataclass(frozen=True)
class Account:
    """A team at Apple with its keys; `number` says which organization of ours has it."""

    number: int
    team: Team
    keys: list[IssuedKey]
    is_large: bool


def populate(plan: Plan, data_dir: Path) -> list[Account]:
    """Every tenth team is an Enterprise one, and every tenth has two keys."""
    registry = Registry(data_dir / STATE_FILE)
    random = Random(f"{plan.seed}/population")
    large = set(random.sample(range(plan.teams), min(plan.large_teams, plan.teams)))
    accounts = []
    with in_one_go(registry):
        for number in range(plan.teams):
            program = Program.ENTERPRISE if number % EVERY_TENTH == 3 else Program.APP_STORE
            sizes = LARGE if number in large else SMALL
            team = registry.add_team(f"Chaos {number:02}", program, **sizes, seed=plan.seed)
            keys = [registry.add_key(team) for _ in range(2 if number % EVERY_TENTH == 7 else 1)]
            accounts.append(Account(number, team, keys, number in large))
    return accounts


class in_one_go:  # noqa: N801 - reads as the statement that it is
    """Changes of a sandbox that does not run, saved once at the end and not after each."""

    def __init__(self, registry: Registry) -> None:
        self._state = registry._state
        self._path = self._state._path

    def __enter__(self) -> None:
        self._state._path = None

    def __exit__(self, *_error: object) -> None:
        self._state._path = self._path
        self._state.save()
