"""The two sides of the mirror in the form that the checks compare."""

from tests.chaos.apple import Objects
from tests.chaos.checks.mirrors import Listed, Mirrored
from tests.chaos.database import Database
from tests.chaos.house import House
from tests.chaos.trace import COLLECTIONS


def listed(house: House, objects: Objects) -> Listed:
    """By our teams' rows: an Issuer ID names the team on both sides."""
    rows = house.database.rows("SELECT id, issuer_id FROM appstore_developerteam")
    ours = {row["issuer_id"]: str(row["id"]) for row in rows}
    return {
        (ours[account.team.issuer_id], name): {
            each["id"] for each in objects[account.team.team_id].get(name, [])
        }
        for account in house.accounts
        for name in COLLECTIONS
        if account.team.issuer_id in ours
    }


def mirrored(database: Database) -> Mirrored:
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for name, table in COLLECTIONS.items():
        for row in database.rows(f"SELECT team_id, apple_id, gone_at FROM {table}"):  # noqa: S608 - ours
            found.setdefault((str(row["team_id"]), name), {})[row["apple_id"]] = row["gone_at"] is not None
    return found
