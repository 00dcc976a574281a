"""Where a deployment under test keeps things: tables, the database's files, the broker, the data dir, the mails."""

import json
from collections.abc import Iterator
from pathlib import Path

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection

from tests.leaks import Place


def tables() -> Iterator[tuple[str, bytes]]:
    """Every table → all of its values, as a dump has them."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own tables
            values = [value for row in cursor.fetchall() for value in row]
            yield (
                table,
                b"\n".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in values
                ),
            )


def sessions() -> Iterator[tuple[str, bytes]]:
    """What each session holds, which its table has packed, in base64 and signed."""
    for session in Session.objects.all():
        yield "opened session", json.dumps(session.get_decoded()).encode()


def database_files() -> list[Path]:
    """SQLite's file with its -wal and -shm, which also hold what was deleted; none on PostgreSQL."""
    if connection.vendor != "sqlite":
        return []
    database = Path(str(connection.settings_dict["NAME"]))
    return sorted(database.parent.glob(f"{database.name}*"))


def broker() -> Iterator[Place]:
    """The embedded broker's folder, or every key and value of Redis as it would be saved to disk."""
    yield Path(settings.BROKER_DIR)
    if settings.REDIS_URL:
        with redis.Redis.from_url(settings.REDIS_URL) as connected:
            for key in connected.scan_iter():
                yield f"Redis {key!r}", key + b"\0" + (connected.dump(key) or b"")


def mails() -> Iterator[tuple[str, bytes]]:
    for message in mail.outbox:
        parts = [message.message().as_bytes(), str(message.body).encode()]
        parts += [str(content).encode() for content, _kind in getattr(message, "alternatives", [])]
        yield f"mail to {', '.join(message.to)}", b"\n".join(parts)


def everywhere() -> Iterator[Place]:
    """All of it. The embedded broker and SQLite are in the data dir already, unless they were put elsewhere."""
    data_dir = Path(settings.DATA_DIR)
    yield data_dir
    for place in (*database_files(), *broker()):
        if not (isinstance(place, Path) and place.is_relative_to(data_dir)):
            yield place
    yield from tables()
    yield from sessions()
    yield from mails()
