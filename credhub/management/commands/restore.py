"""`manage.py restore`: prove a backup in a clean place, and put it into an empty instance."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError

from credhub import running
from credhub.backup import passphrase, restoring
from credhub.backup.errors import BackupError
from credhub.backup.proving import Proof, proven


class Command(BaseCommand):
    requires_system_checks = [
        Tags.models,
        Tags.security,
    ]  # not those of pages: loading them takes longer than the rest
    help = (
        "Restore a backup into this CredHub, which has to be new and stopped. With --verify, only prove it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--verify", action="store_true", help="prove the file in a clean place; change nothing here"
        )
        parser.add_argument(
            "--all-secrets", action="store_true", help="try to open every secret, not a sample"
        )
        parser.add_argument("--passphrase-file", help="of a backup that was sealed under a passphrase")
        parser.add_argument(
            "--accept-findings",
            action="store_true",
            help="restore although the log, a row or a secret in the backup is not what CredHub wrote last",
        )

    def handle(self, **options: Any) -> None:
        try:
            if options["verify"]:
                with self._proven(options) as proof:
                    self._tell(proof)
                    self._require_whole(proof, "Take an older backup.")
            else:
                with running.alone("Stop it first: nothing is restored under a running one."):
                    self._restore(options)
        except BackupError as error:
            raise CommandError(str(error)) from None

    def _proven(self, options: dict[str, Any]) -> Any:
        return proven(
            options["file"], passphrase.read(options["passphrase_file"]), all_secrets=options["all_secrets"]
        )

    def _restore(self, options: dict[str, Any]) -> None:
        restoring.require_empty()
        with self._proven(options) as proof:
            self._tell(proof)
            if not options["accept_findings"]:
                self._require_whole(
                    proof, "Take an older backup, or restore this one as it is with --accept-findings."
                )
            restoring.restore(proof)
        self.stdout.write("Restored. Sessions were not in the backup: everybody signs in again.")

    def _tell(self, proof: Proof) -> None:
        header = proof.header
        self.stdout.write(
            f"Backup of {header.created_at}, deployment {header.deployment}, {proof.rows:,} rows."
        )
        self.stdout.write(", ".join(f"{what}: {count:,}" for what, count in proof.counts.items()) + ".")
        for finding in proof.findings:
            self.stdout.write(f"FAIL  {finding}")
        if not proof.findings:
            opened = f"{proof.opened:,} {'secret' if proof.opened == 1 else 'secrets'} opened"
            self.stdout.write(
                "OK    Every chunk is genuine, the activity log is whole, every data key unwraps, and "
                f"{opened}."
            )

    @staticmethod
    def _require_whole(proof: Proof, otherwise: str) -> None:
        if proof.findings:
            count = len(proof.findings)
            raise CommandError(
                f"The backup did not prove itself: {count} {'finding' if count == 1 else 'findings'}, listed above. "
                f"{otherwise}"
            )
