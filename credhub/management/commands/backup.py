"""`manage.py backup`: everything in the database, in one sealed file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credhub.backup import last, passphrase, writing
from credhub.backup.errors import BackupError
from credhub.backup.keys import MASTER_KEY


class Command(BaseCommand):
    requires_system_checks = [
        Tags.models,
        Tags.security,
    ]  # not those of pages: loading them takes longer than the rest
    help = (
        "Write one encrypted, authenticated file with the database of this CredHub, which may go on running. The "
        "master keys and SECRET_KEY are not in it: keep those apart from it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            help="a new file (default: backups/credhub-<time>.backup in the data dir)",
        )
        parser.add_argument(
            "--passphrase-file",
            help="seal the file under the passphrase in this file's first line, and not under the master key",
        )

    def handle(self, **options: Any) -> None:
        path: Path = options["file"] or self._usual_place()
        try:
            made = writing.write(path, passphrase.read(options["passphrase_file"]))
        except BackupError as error:
            raise CommandError(str(error)) from None
        last.leave(made.header.created_at, path)
        by = made.header.key
        opens = f"the master key {by['id']}" if by["by"] == MASTER_KEY else "its passphrase"
        self.stdout.write(
            f"{path}: {made.rows:,} rows of {made.tables} tables, {made.size:,} bytes. It opens with {opens}.\n"
            f"What is sealed inside needs the master keys {', '.join(made.header.master_keys)}. They and SECRET_KEY "
            f"are not in the file: keep them apart from it.\n"
            f"Prove it: manage.py restore --verify {path}{'' if by['by'] == MASTER_KEY else ' --passphrase-file …'}"
        )

    @staticmethod
    def _usual_place() -> Path:
        folder: Path = settings.DATA_DIR / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"credhub-{timezone.now():%Y%m%dT%H%M%SZ}.backup"
