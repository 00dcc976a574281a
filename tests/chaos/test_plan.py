"""The same seed breaks the same things in the same order."""

import random
from collections import Counter
from itertools import islice

from appstore.sandbox.registry import Registry
from tests.chaos.bad_days import LONG_LISTS, PAGE_KINDS, PAGES, bad_days
from tests.chaos.plan import Plan, from_command_line
from tests.chaos.population import Account


def test_the_seed_decides_the_order() -> None:
    assert Plan(seed=1).actions() == Plan(seed=1).actions()
    assert Plan(seed=1).actions() != Plan(seed=2).actions()
    counts = Counter(Plan().actions())
    assert (counts["kill_worker"], counts["kill_redis"], counts["restart_postgres"]) == (40, 8, 5)


def test_the_command_line_sets_each_count() -> None:
    plan = from_command_line(["--seed", "7", "--worker-kills", "3", "--pace", "0.1"])
    assert (plan.seed, plan.worker_kills, plan.pace, plan.redis_kills) == (7, 3, 0.1, Plan().redis_kills)


def test_every_kind_strikes_every_page() -> None:
    registry = Registry(None)
    accounts = []
    for number in range(8):
        team = registry.add_team(f"T{number}", certificates=0, profiles=0, bundle_ids=0, devices=0)
        accounts.append(Account(number, team, [registry.add_key(team)], number < 6))
    faults = [*islice(bad_days(accounts, random.Random(1), 6), 2 * len(PAGE_KINDS) * len(LONG_LISTS) * PAGES)]
    pages = {
        (each["kind"], each["path"], each.get("after", 0)) for each in faults if each["path"] in LONG_LISTS
    }
    assert pages >= {
        (kind, path, index)
        for kind in set(PAGE_KINDS) - {"missing_next"}
        for path in LONG_LISTS
        for index in range(PAGES)
    }
    # Apple says the same thing twice in a row about a list only when it is so.
    early = Counter((each["path"], each["key_id"]) for each in faults if each["kind"] == "missing_next")
    assert early
    assert max(early.values()) == 1
