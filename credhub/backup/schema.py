"""Which tables there are at a set of migrations: a backup is read with the models of its own time."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from credhub.backup.errors import BackupError
from credhub.backup.header import NEWER

# Who is signed in where: everybody signs in again after a restore. And uploads that nobody has confirmed yet, which
# are gone a day later anyway: a backup would keep what was promised to be deleted.
LEFT_OUT = {
    "sessions.session", "usersessions.usersession", "appstore.importitem", "appstore.importupload",
}  # fmt: skip
Model = type[models.Model]
Migrations = dict[str, str]


def latest() -> Migrations:
    """The last migration of each app that this CredHub brings."""
    return dict(sorted(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes()))


def require_latest() -> Migrations:
    """What the database is at, which is what this CredHub brings. Raises BackupError."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    if executor.migration_plan(graph.leaf_nodes()):
        raise BackupError(
            "The database is not at this version of CredHub yet. Run `manage.py migrate` first."
        )
    known = latest()
    applied = executor.loader.applied_migrations
    if any(app in known and (app, name) not in executor.loader.disk_migrations for app, name in applied):
        raise BackupError("The database belongs to a newer CredHub. Use that version.")
    return known


def refuse_newer(migrations: Migrations) -> None:
    """Raises BackupError for a schema that this CredHub does not know."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    if any(node not in known for node in migrations.items()):
        raise BackupError(NEWER)


def migrate(migrations: Migrations) -> ProjectState:
    """Bring the database to these migrations. Returns what its tables are then."""
    executor = MigrationExecutor(connection)
    targets = list(migrations.items())
    executor.migrate(targets)
    return MigrationLoader(connection).project_state(targets)


def state() -> ProjectState:
    return MigrationLoader(None, ignore_no_migrations=True).project_state()


def tables(at: ProjectState, *, everything: bool = False) -> Iterator[tuple[str, Model]]:
    """(label, model) of each table that a backup holds; or of all of them."""
    found: list[Any] = at.apps.get_models(include_auto_created=True)
    for model in sorted(found, key=lambda each: str(each._meta.label_lower)):
        label = str(model._meta.label_lower)
        if model._meta.managed and not model._meta.proxy and (everything or label not in LEFT_OUT):
            yield label, model
