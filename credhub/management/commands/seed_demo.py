"""`manage.py seed_demo`: demo organizations, people and keys, beside a running sandbox. Safe to run again."""

import signal
import sys
import time
from argparse import ArgumentParser
from typing import Any

import requests
from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError

from credhub import demo


class Command(BaseCommand):
    requires_system_checks = [
        Tags.models,
        Tags.security,
    ]  # not those of pages: loading them takes longer than the rest
    help = "Make the demo: organizations, people of every role, and keys of the sandbox Apple."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sandbox-url", default=settings.APPSTORE_API_URL, help="default: APPSTORE_API_URL"
        )
        parser.add_argument(
            "--url", default="http://127.0.0.1:8000", help="CredHub's own address, for the logins"
        )
        parser.add_argument(
            "--wait", type=int, default=45, help="seconds to wait for the first syncs (default 45)"
        )
        parser.add_argument(
            "--stay", action="store_true", help="stay after seeding (as a part of `up --demo`)"
        )

    def handle(self, **options: Any) -> None:
        password = demo.password_of(settings.DATA_DIR)
        self._wait_for(options["sandbox_url"])
        sandbox = demo.Sandbox(options["sandbox_url"])
        demo.seed(sandbox, password)
        self._wait_for_syncs(options["wait"])
        self._tell(options["url"], password, sandbox)
        if options["stay"]:
            signal.signal(signal.SIGTERM, lambda *_args: sys.exit(0))
            while True:
                signal.pause()

    def _wait_for(self, sandbox_url: str) -> None:
        for _ in range(300):
            try:
                if requests.get(f"{sandbox_url}/_sandbox/health", timeout=2).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise CommandError(f"No sandbox answers at {sandbox_url}. Start one: manage.py sandbox")

    def _wait_for_syncs(self, seconds: int) -> None:
        """Worth waiting for: the logins are told when there is something to see."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and demo.syncs_left():
            time.sleep(0.3)

    def _tell(self, url: str, password: str, sandbox: demo.Sandbox) -> None:
        width = max(len(email) for email, *_ in demo.PEOPLE)
        lines = ["", f"The demo is ready: {url}", "", f"Sign in with the password {password} as"]
        lines += [f"  {email:<{width}}  {role.label:<10} of {name}" for email, _, name, role in demo.PEOPLE]
        lines += [f"  {demo.OPERATOR[0]:<{width}}  Operator   of everything, opens no secret", ""]
        for path, key_id, issuer_id in demo.ready_keys(sandbox, settings.DATA_DIR / "sandbox"):
            lines += [f"Try the upload yourself: {path}", f"  Key ID {key_id}, Issuer ID {issuer_id}"]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
