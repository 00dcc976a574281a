"""A database of its own for a backup to prove itself in, gone afterwards. The instance's own is not touched."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from credentials import system_keys


@contextmanager
def clean_place() -> Iterator[BaseDatabaseWrapper]:
    """The connection to a new, empty SQLite database, in a folder that this user alone reads."""
    with TemporaryDirectory(prefix="credhub-restore-") as folder:
        database = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(folder) / "proof.sqlite3"),
            # It is thrown away: nothing waits for the disk.
            "OPTIONS": {"init_command": "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;"},
        }
        connection = ConnectionHandler({DEFAULT_DB_ALIAS: database})[DEFAULT_DB_ALIAS]
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def standing_in(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """In here this is *the* database, for everything that this thread does: migrations and checks ask for no other."""
    instead_of = connections[DEFAULT_DB_ALIAS]
    _forget()
    connections[DEFAULT_DB_ALIAS] = connection
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = instead_of
        _forget()


@contextmanager
def known_as(name: str, connection: BaseDatabaseWrapper) -> Iterator[None]:
    """In here queries reach it with `using(name)`, beside the instance's own."""
    connections[name] = connection
    try:
        yield
    finally:
        del connections[name]


def _forget() -> None:
    """What is kept in memory belongs to one database."""
    system_keys.forget()
    ContentType.objects.clear_cache()
