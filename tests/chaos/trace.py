"""Triggers that write down who changed which row: the database's own record, without a line in the product.

Every connection carries the name of its process (PGAPPNAME, which libpq reads). Mirror rows and the job row that are
written in one transaction share its number, and so a page is known with the run, fence and process that wrote it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.chaos.database import Database

JOBS = "appstore_syncrun"
COLLECTIONS = {
    "bundleIds": "appstore_bundleid",
    "certificates": "appstore_certificate",
    "devices": "appstore_device",
    "profiles": "appstore_profile",
}
OF_JOBS = (
    "id", "kind", "job", "team_id", "key_id", "state", "fence", "attempts", "lease_owner", "lease_until",
    "next_run_at", "generation", "finished_at", "error_code",
)  # fmt: skip
OF_MIRRORS = ("id", "team_id", "apple_id", "gone_at", "seen_generation")
TABLE = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.event (
    number bigserial PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started timestamptz NOT NULL DEFAULT transaction_timestamp(),
    txid bigint NOT NULL DEFAULT txid_current(),
    who text NOT NULL DEFAULT current_setting('application_name'),
    relation text NOT NULL,
    old jsonb,
    new jsonb
)
"""
TRIGGER = """
CREATE FUNCTION chaos.on_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chaos.event (relation, old, new) VALUES (
        TG_TABLE_NAME,
        CASE WHEN TG_OP <> 'INSERT' THEN jsonb_build_object({old}) END,
        CASE WHEN TG_OP <> 'DELETE' THEN jsonb_build_object({new}) END
    );
    RETURN NULL;
END $$;
CREATE TRIGGER chaos AFTER INSERT OR UPDATE OR DELETE ON public.{table}
    FOR EACH ROW EXECUTE FUNCTION chaos.on_{table}()
"""


@dataclass(frozen=True)
class Event:
    """One row as it was and as it became; `old` is empty for a new one, `new` for one that was deleted."""

    number: int
    at: datetime
    started: datetime
    txid: int
    who: str
    relation: str
    old: dict[str, Any]
    new: dict[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        return self.new or self.old


def install(database: Database) -> None:
    database.rows(TABLE)
    for table in (JOBS, *COLLECTIONS.values()):
        wanted = OF_JOBS if table == JOBS else OF_MIRRORS
        there = database.rows(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %(table)s",
            table=table,
        )
        columns = [name for name in wanted if name in {row["column_name"] for row in there}]
        values = {side: ", ".join(f"'{name}', {side}.{name}" for name in columns) for side in ("old", "new")}
        database.rows(TRIGGER.format(table=table, **values))


def read(database: Database) -> list[Event]:
    rows = database.rows("SELECT * FROM chaos.event ORDER BY number")
    return [Event(**{**row, "old": row["old"] or {}, "new": row["new"] or {}}) for row in rows]


def of_jobs(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.relation == JOBS]


def moment(text: str | None) -> datetime | None:
    """A time as jsonb has it."""
    return datetime.fromisoformat(text) if text else None
