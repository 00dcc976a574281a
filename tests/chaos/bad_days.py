"""What goes wrong at Apple: one of these at a time, for one key's requests, in the seed's order."""

import random
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from tests.chaos.population import Account

LISTS = ("/v1/bundleIds", "/v1/certificates", "/v1/devices", "/v1/profiles")
LONG_LISTS = ("/v1/devices", "/v1/profiles")  # of the large teams
PAGES = 3
Fault = dict[str, Any]

STORMS: list[Fault] = [
    {"kind": "unauthorized", "times": 1},  # the spurious one
    {"kind": "unauthorized", "times": 6},
    {"kind": "role", "times": 1},
    {"kind": "agreements", "times": 2},
    {"kind": "membership", "times": 1},
    {"kind": "rate_limit", "times": 2, "retry_after": 2},
    {"kind": "rate_limit", "times": 3},
    {"kind": "server_error", "status": 500, "times": 3},
    {"kind": "server_error", "status": 503, "times": 2},
    {"kind": "bad_gateway", "times": 2},
    {"kind": "malformed", "times": 1},
    {"kind": "endless", "times": 1},
    {"kind": "hang", "delay": 20.0, "times": 1},
    {"kind": "lost_answer", "times": 1},
]
# What strikes a page by its index in the list
PAGE_KINDS = ("cut", "missing_next", "foreign_next", "duplicate_ids", "drip", "malformed", "bad_gateway")
SLOWLY: dict[str, Fault] = {"drip": {"delay": 0.05}}


def bad_days(accounts: list[Account], chance: random.Random, lease: float) -> Iterator[Fault]:
    """For ever. A list that ends early strikes the same team's list once: twice in a row would be Apple's word."""
    # An answer that comes when the lease of who asked has ended
    late = {"kind": "slow", "delay": lease * 1.5, "times": 1}
    storms = [*STORMS, late, late]
    pages = [
        {
            "kind": kind,
            "path": path,
            "times": 1,
            **SLOWLY.get(kind, {}),
            **({"after": index} if index else {}),
        }
        for kind in PAGE_KINDS
        for path in LONG_LISTS
        for index in range(PAGES)
    ]
    chance.shuffle(storms)
    chance.shuffle(pages)
    large = [account for account in accounts if account.is_large] or accounts
    ended_early: set[tuple[str, str]] = set()
    for storm, page in zip(cycle(storms), cycle(pages)):
        account, struck = chance.choice(accounts), chance.choice(large)
        yield {"path": chance.choice(["/", *LISTS]), **storm, "key_id": chance.choice(account.keys).key_id}
        place = (struck.team.team_id, page["path"])
        if page["kind"] == "missing_next":
            if place in ended_early:
                continue
            ended_early.add(place)
        yield {**page, "key_id": struck.keys[0].key_id}
