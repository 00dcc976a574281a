"""`manage.py worker`: what does the jobs. With a doorbell (Celery), or looking at the job rows itself."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand

from appstore.poller import Poller
from credhub import garbage

CELERY = ["-m", "celery", "--quiet", "-A", "credhub", "worker", "--pool", "threads", "--loglevel", "warning",
          "--without-gossip", "--without-mingle", "--without-heartbeat"]  # fmt: skip

CHECKED = {"CELERY_SKIP_CHECKS": "1"}  # for a worker whose settings were checked: it needs no pages


def celery_worker(concurrency: int) -> list[str]:
    """The command line of the Celery worker."""
    return [sys.executable, *CELERY, "--concurrency", str(concurrency)]


class Command(BaseCommand):
    requires_system_checks = [
        Tags.models,
        Tags.security,
    ]  # not those of pages: loading them takes longer than the rest
    help = "Run a worker: syncs, checks and mails. With --poll it needs no broker, and does syncs and checks alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4, help="jobs at the same time (default 4)")
        parser.add_argument(
            "--poll",
            action="store_true",
            help="look for due jobs in the database, for when the broker is away",
        )

    def handle(self, **options: Any) -> None:
        if not options["poll"]:
            command = celery_worker(options["concurrency"])
            os.execve(command[0], command, {**os.environ, **CHECKED})  # noqa: S606 - our own interpreter and arguments
        self.stdout.write("Looking for due jobs in the database. Ctrl-C stops it.")
        self.stdout.flush()
        garbage.keep_what_is_loaded()
        Poller(options["concurrency"]).run()
        self.stdout.write("Stopped.")
