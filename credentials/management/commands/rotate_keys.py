"""`manage.py rotate_keys`: new keys in the place of old ones, while CredHub serves. Killed at any point, the next run
goes on."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError

from credentials import key_check, keyring, rotation
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from organizations.models import Organization


class Command(BaseCommand):
    requires_system_checks = [
        Tags.models,
        Tags.security,
    ]  # not those of pages: loading them takes longer than the rest
    help = (
        "Wrap every data key and system key under the current master key (the first of CREDHUB_MASTER_KEYS, or the "
        "one of CREDHUB_KEY_PROVIDER). Safe to run again, and while CredHub serves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--data-keys",
            action="store_true",
            help="instead: a new data key for each organization, and every secret sealed anew under it",
        )
        what.add_argument(
            "--retire",
            action="store_true",
            help="instead: destroy data keys that nothing is sealed under any more; an open import holds its own",
        )
        what.add_argument(
            "--system-key",
            action="store_true",
            help="instead: a new system key; the older ones stay for verifying",
        )
        what.add_argument(
            "--again",
            action="store_true",
            help="also wrap keys anew that are under the current master key, whose provider has rotated it",
        )
        parser.add_argument(
            "--organization", metavar="SLUG", help="only this one (not its sub-organizations)"
        )
        parser.add_argument(
            "--batch", type=int, default=200, help="rows between two lines of progress (default 200)"
        )
        parser.add_argument(
            "--grace",
            type=int,
            default=3600,
            help="with --retire: seconds that the newest data key must have been there (default 3600)",
        )

    def handle(self, **options: Any) -> None:
        organizations = Organization.objects.all()
        if slug := options["organization"]:
            organizations = organizations.filter(slug=slug)
            if not organizations:
                raise CommandError(f"There is no organization “{slug}”.")
            if options["system_key"]:
                raise CommandError("The system key is of no organization: leave --organization out.")
        if options["batch"] < 1 or options["grace"] < 0:
            raise CommandError("--batch is 1 or more, and --grace 0 or more.")
        try:
            key_check.prove()
            self._rotate(options, organizations)
        except (MasterKeyError, KeyProviderUnreachableError) as error:
            raise CommandError(
                f"{error} Run it again when that is put right: it goes on where it was."
            ) from None

    def _rotate(self, options: dict[str, Any], organizations: Any) -> None:
        if options["system_key"]:
            self._say(
                f"Made system key {rotation.new_system_key().version}. The older ones stay for verifying."
            )
            return
        if options["data_keys"]:
            outcome = rotation.reseal(organizations, self._say, batch=options["batch"])
            done = (
                f"Sealed {outcome.done} values anew. `rotate_keys --retire` destroys the old data keys later."
            )
        elif options["retire"]:
            grace = dt.timedelta(seconds=options["grace"])
            outcome = rotation.retire(organizations, grace, self._say)
            done = f"Destroyed {outcome.done} data keys."
        else:
            chosen = organizations if options["organization"] else None
            outcome = rotation.rewrap(chosen, self._say, again=options["again"], batch=options["batch"])
            done = f"Wrapped {outcome.done} keys under “{keyring.configured().current}”."
        self._say(done)
        if outcome.failed:
            raise CommandError("\n".join([f"{len(outcome.failed)} could not be done:", *outcome.failed]))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
