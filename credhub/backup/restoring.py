"""Puts a proven backup into the instance's own, empty database."""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from credentials import system_keys
from credhub.backup import rows, schema
from credhub.backup.clean_place import known_as
from credhub.backup.errors import BackupError
from credhub.backup.proving import Proof
from organizations import audit_anchors
from organizations.models import Organization, User

PLACE = "proven backup"


def require_empty() -> None:
    """Raises BackupError where there is anybody, or any organization."""
    tables = connection.introspection.table_names()
    for model in (User, Organization):
        if model._meta.db_table in tables and model._base_manager.exists():  # noqa: SLF001 - whoever it is
            raise BackupError(
                "This instance is in use: it has people or organizations, and nothing is restored over them. Restore "
                "into a new one: another CREDHUB_DATA_DIR, or another database in DATABASE_URL."
            )


def restore(proof: Proof) -> None:
    """All of it in one transaction, or nothing. Raises BackupError."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    at = schema.state()
    models = [model for _, model in schema.tables(at, everything=True)]
    with _draft(proof.anchors) as draft:
        try:
            with transaction.atomic(durable=True), known_as(PLACE, proof.place):
                _lock()
                require_empty()
                rows.delete_all(models)
                for _label, model in schema.tables(at):
                    rows.insert(model, rows.read(model, using=PLACE))
                _reset_sequences(models)
                connection.check_constraints()
        except IntegrityError as error:
            raise BackupError(f"The rows of this backup do not belong together: {error}") from error
        _put_anchors(draft)
    system_keys.forget()
    call_command("migrate", interactive=False, verbosity=0)  # permissions for what a newer version added


def _lock() -> None:
    """Nobody makes a first account while we look away. SQLite's transaction has its only writing lock already."""
    if connection.vendor == "postgresql":
        names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in (User, Organization))
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def _reset_sequences(models: list[schema.Model]) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


@contextmanager
def _draft(anchors: Iterable[str]) -> Iterator[Path]:
    """The anchors' file to be, beside its place: a full disk shows before anything is committed."""
    place = audit_anchors.path()
    draft = place.with_name(f".{place.name}.{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{line}\n" for line in anchors)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    except OSError as error:
        raise BackupError(f"{place} cannot be written ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)


def _put_anchors(draft: Path) -> None:
    """Under its name; what is there is kept beside it, for whoever asks what became of that log."""
    place = audit_anchors.path()
    if place.exists():
        kept = place.with_name(f"{place.name}.before-restore")
        if kept.exists():
            kept = kept.with_name(f"{kept.name}-{timezone.now():%Y%m%dT%H%M%S%f}")
        place.rename(kept)
    draft.rename(place)
