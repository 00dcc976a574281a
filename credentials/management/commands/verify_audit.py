"""`manage.py verify_audit`: is the activity log, and what gives access, what CredHub wrote?"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError

from credentials.secret_verify import verify_secrets
from organizations import audit_anchors
from organizations.audit_verify import Finding, Known, verify_chains, verify_rows


class Command(BaseCommand):
    requires_system_checks = [
        Tags.models,
        Tags.security,
    ]  # not those of pages: loading them takes longer than the rest
    help = (
        "Check the activity log of every organization, the rows that give access, and each secret's digest. "
        "Exit code 1 when something was changed past CredHub."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, **options: Any) -> None:
        known = Known()
        findings: list[Finding] = [*verify_chains(known)]
        if not findings:  # what a damaged log says of rows is worth nothing
            findings += [*verify_rows(known), *verify_secrets(known)]
        if options["json"]:
            self.stdout.write(
                json.dumps({"events": known.events, "findings": [vars(each) for each in findings]})
            )
        else:
            for finding in findings:
                self.stdout.write(f"FAIL  {finding}")
            self.stdout.write(f"{known.events:,} events read.")
        if findings:
            count = len(findings)
            raise CommandError(
                f"{count} {'thing was' if count == 1 else 'things were'} changed past CredHub."
            )
        audit_anchors.anchor()
        if not options["json"]:
            self.stdout.write(
                f"OK    The activity log is whole. Keep a copy of {audit_anchors.path()} elsewhere."
            )
