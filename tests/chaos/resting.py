"""Faults end, and everything is given time to come to rest: what stays undone then was lost."""

import time

from tests.chaos import product
from tests.chaos.checks import runs as checks
from tests.chaos.house import House

EVERY = 1.0  # seconds
TEAMS_DUE = """
SELECT count(*) FROM appstore_developerteam AS team WHERE next_sync_at <= now() AND EXISTS (
    SELECT 1 FROM appstore_appstoreconnectkey AS key WHERE key.team_id = team.id AND key.health <> 'REJECTED')
"""
TEAMS_WITHOUT_A_KEY = """
SELECT id FROM appstore_developerteam AS team WHERE NOT EXISTS (
    SELECT 1 FROM appstore_appstoreconnectkey AS key WHERE key.team_id = team.id AND key.health <> 'REJECTED')
"""


def end_of_faults(house: House) -> int:
    """How many troubles at Apple had struck nobody until then."""
    unspent = house.apple.clear_faults()
    house.clock.set_right()
    return unspent


def come_to_rest(house: House, patience: float) -> float:
    """Until no run is on its way and no team is due; seconds that it took. Gives up after `patience`."""
    start = time.monotonic()
    while time.monotonic() < start + patience:
        house.look_after()
        house.clock.hurry()
        on_its_way = house.database.one(
            "SELECT count(*) FROM appstore_syncrun WHERE state = ANY(%(active)s)", active=list(checks.ACTIVE)
        )
        if not on_its_way and not house.database.one(TEAMS_DUE):
            break
        product.tick(1)
        time.sleep(EVERY)
    return time.monotonic() - start


def stopped_teams(house: House) -> set[str]:
    """Of which no key is usable: nothing is done for them, and their pages say so."""
    return {str(row["id"]) for row in house.database.rows(TEAMS_WITHOUT_A_KEY)}
