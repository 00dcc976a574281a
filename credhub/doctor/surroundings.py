"""What CredHub stands on: settings, data dir, database, broker."""

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from credhub import first_start
from credhub.doctor.finding import Finding, fail, ok, warn


def web_settings() -> Iterator[Finding]:
    if settings.DEBUG:
        told = fail if settings.PRODUCTION else warn
        yield told("settings", "DEBUG is on: errors show settings and code to whoever meets them.")
    if "*" in settings.ALLOWED_HOSTS:
        yield fail("settings", "ALLOWED_HOSTS takes any host name. Name the ones that CredHub is reached by.")
    if settings.PRODUCTION and not settings.HTTPS:
        yield fail(
            "settings", "CREDHUB_HTTPS is off, and other machines can reach CredHub: cookies travel in plain."
        )
    elif settings.PRODUCTION:
        yield ok("settings", f"Production with HTTPS, for {', '.join(settings.ALLOWED_HOSTS)}.")
    else:
        yield ok("settings", "For this machine alone (ALLOWED_HOSTS names no other).")


def data_dir() -> Iterator[Finding]:
    folder: Path = settings.DATA_DIR
    if not folder.is_dir():
        yield warn("data dir", f"{folder} is not there yet. The first start makes it.")
        return
    private = [folder, *(folder / name for name in (*first_start.SECRET_FILES.values(), "credhub.sqlite3"))]
    open_to_others = [path for path in private if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    # A folder that nobody else can enter protects what is in it.
    if folder in open_to_others:
        for path in open_to_others:
            mode = "700" if path.is_dir() else "600"
            yield fail("data dir", f"Others on this machine can read {path}. Run: chmod {mode} {path}")
    else:
        yield ok("data dir", f"{folder} is readable by its owner alone.")


def database() -> Iterator[Finding]:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor)
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        (reason, *_) = str(error).splitlines() or [type(error).__name__]
        yield fail("database", f"{name} cannot be used: {reason}")
        return
    if missing:
        yield fail("database", f"{name} lacks {len(missing)} migrations. Run: manage.py migrate")
    else:
        yield ok("database", f"{name} answers and is migrated.")


def broker() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        folder: Path = settings.BROKER_DIR
        told = f"The embedded broker is in {folder}"
        yield ok("broker", f"{told}." if folder.is_dir() else f"{told}; the first start makes it.")
        return
    parts = urlsplit(settings.REDIS_URL)
    host = f"{parts.hostname}:{parts.port or 6379}"  # never the URL, which may hold a password
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
    try:
        client.ping()
    except (OSError, redis.RedisError) as error:
        yield fail("broker", f"Redis at {host} cannot be used ({type(error).__name__}).")
    else:
        yield ok("broker", f"Redis at {host} answers.")
    finally:
        client.close()
