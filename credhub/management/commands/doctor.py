"""`manage.py doctor`: what is right and what is not, in one line each. Exit code 1 when something fails."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from credhub.doctor import backups, keys, surroundings
from credhub.doctor.finding import Finding, Level, fail

Check = Callable[[], Iterator[Finding]]
ALONE: tuple[Check, ...] = (
    surroundings.web_settings, surroundings.data_dir, surroundings.broker, keys.configuration, surroundings.database
)  # fmt: skip
ON_THE_DATABASE: tuple[Check, ...] = (
    keys.of_this_database, keys.master_keys_in_use, keys.system_key, keys.data_keys, backups.last_backup
)  # fmt: skip


class Command(BaseCommand):
    help = "Look after settings, database, broker, keys and backups, and say what is not right."
    requires_system_checks = []  # what they would refuse is told here in its place

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the same as one JSON object")

    def handle(self, **options: Any) -> None:
        found = examine()
        failed = any(finding.level == Level.FAIL for finding in found)
        if options["json"]:
            lines = [vars(finding) for finding in found]
            self.stdout.write(json.dumps({"ok": not failed, "findings": lines}, indent=1))
        else:
            width = max(len(finding.what) for finding in found)
            for finding in found:
                self.stdout.write(f"{finding.level:<4}  {finding.what:<{width}}  {finding.text}")
        if failed:
            sys.exit(1)


def examine() -> list[Finding]:
    found = [finding for check in ALONE for finding in check()]
    if any(finding.what == "database" and finding.level == Level.FAIL for finding in found):
        return found
    for check in ON_THE_DATABASE:
        try:
            found += check()
        except DatabaseError as error:
            found.append(fail("database", f"{type(error).__name__} while looking at the keys and backups."))
    return found
