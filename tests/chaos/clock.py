"""Steps of the clock, as the job rows see them.

The database's clock cannot be turned without being root over the machine. What a turned clock means is that every
time which was noted before lies elsewhere: so all times by which work is due or held are moved instead, together.
"""

import time

from tests.chaos.database import Database

# By name, so that a column which comes later is stepped, too
COLUMNS = r"^(next_.*_at|.*_until|doorbell_at|retry_at|recheck_at)$"


class Clock:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_ahead_by = 0  # hours
        self.stepped_at: list[float] = []

    def step(self, hours: int) -> None:
        """Forwards with a positive number: leases end and everything is due. Backwards: what was noted lies ahead.

        A schedule only comes nearer, since nobody could tell one that is late from one that was forgotten.
        """
        for table, every in self.columns().items():
            columns = [name for name in every if hours > 0 or name != "next_sync_at"]
            if not columns:
                continue
            times = ", ".join(f"{name} = {name} - make_interval(hours => %(hours)s)" for name in columns)
            some = " OR ".join(f"{name} IS NOT NULL" for name in columns)
            self._database.rows(f"UPDATE {table} SET {times} WHERE {some}", hours=hours)  # noqa: S608
        self.is_ahead_by += hours
        self.stepped_at.append(time.time())

    def set_right(self) -> None:
        self.step(-self.is_ahead_by)

    def columns(self) -> dict[str, list[str]]:
        """Table → columns that hold such times."""
        rows = self._database.rows(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type = 'timestamp with time zone' AND table_name LIKE 'appstore_%%' "
            "AND column_name ~ %(pattern)s ORDER BY 1, 2",
            pattern=COLUMNS,
        )
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["table_name"], []).append(row["column_name"])
        return found

    def hurry(self) -> None:
        """Nobody waits any longer for another try; doorbells and leases stay as they are."""
        self._end("next_sync_at", "lease_until", "doorbell_at")

    def let_time_pass(self) -> None:
        """Hours, so that whatever lies ahead is over; schedules stay as they are."""
        self._end("next_sync_at")

    def _end(self, *but_for: str) -> None:
        for table, columns in self.columns().items():
            for name in [each for each in columns if each not in but_for]:
                self._database.rows(f"UPDATE {table} SET {name} = now() WHERE {name} > now()")  # noqa: S608
