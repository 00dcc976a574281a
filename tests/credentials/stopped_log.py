"""The activity log out of order: what cannot be recorded must not happen."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def stopped_log() -> Iterator[None]:
    """While it lasts, the database refuses every event."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION stop_the_log() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'permission denied'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER stop_the_log BEFORE INSERT ON organizations_auditevent "
                "FOR EACH ROW EXECUTE FUNCTION stop_the_log()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER stop_the_log BEFORE INSERT ON organizations_auditevent "
                "BEGIN SELECT RAISE(FAIL, 'permission denied'); END"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("DROP FUNCTION stop_the_log CASCADE")
            else:
                cursor.execute("DROP TRIGGER stop_the_log")
