"""Proves a backup in a clean place: it loads, the log is whole, every data key unwraps, secrets open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from credentials import crypto, opening_checks
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credentials.secret_verify import verify_secrets
from credhub.backup import loading, reading, schema
from credhub.backup.clean_place import clean_place, standing_in
from credhub.backup.errors import BackupError
from credhub.backup.header import Header
from organizations import audit_anchors
from organizations.audit_verify import Finding, Known, verify_chains, verify_rows

SAMPLE = 25
# What a summary tells, in the product's words
COUNTED = {
    "organizations.Organization": "Organizations",
    "organizations.User": "people",
    "credentials.Credential": "credentials",
}


@dataclass(frozen=True)
class Proof:
    """What is behind `place`, at this version's schema, and what was wrong with it."""

    header: Header
    place: BaseDatabaseWrapper
    rows: int
    counts: dict[str, int]
    opened: int
    findings: list[Finding]
    anchors: list[str]


@contextmanager
def proven(path: Path, passphrase: bytes | None, *, all_secrets: bool) -> Iterator[Proof]:
    """The backup, loaded into a clean place that lasts as long as the context. Raises BackupError."""
    header = reading.prove(path, passphrase)
    with clean_place() as place:
        with standing_in(place):
            try:
                at = schema.migrate(header.migrations)
                loaded = loading.load(reading.contents(path, passphrase), at)
                schema.migrate(schema.latest())
            except (DatabaseError, crypto.SealError, MasterKeyError, KeyProviderUnreachableError) as error:
                raise BackupError(
                    f"This backup cannot be brought to this version of CredHub ({error}). Restore it with the version "
                    "that made it."
                ) from error
            findings, opened = _verify(loaded.anchors, None if all_secrets else SAMPLE)
            counts = {words: apps.get_model(label).objects.count() for label, words in COUNTED.items()}
            counts["events in the activity log"] = apps.get_model("organizations.AuditEvent").objects.count()
        yield Proof(header, place, loaded.rows, counts, opened, findings, loaded.anchors)


def _verify(anchors: list[str], at_most: int | None) -> tuple[list[Finding], int]:
    """What is wrong, and how many secrets opened. Each check stands on the ones before: keys, secrets, log, rows."""
    if findings := [*opening_checks.keys()]:
        return findings, 0
    tried, known = opening_checks.secrets(at_most), Known()
    findings = [*verify_chains(known, anchors=audit_anchors.parsed(anchors))]
    if not findings:  # what a damaged log says of rows is worth nothing
        findings = [*verify_rows(known), *verify_secrets(known)]
    return [*tried.findings, *findings], tried.opened
