"""`manage.py up`: web, worker and scheduler on one machine, as one command."""

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from credentials import key_check
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credhub import running
from credhub.celery import make_broker_folders
from credhub.management.commands.worker import CHECKED, celery_worker
from credhub.supervisor import Program, Supervisor
from organizations.models import User
from organizations.views.home import set_up_token


class Command(BaseCommand):
    help = "Run CredHub on this machine: web server, worker and scheduler. Ctrl-C stops all of them."

    requires_system_checks = []  # `_prepare` runs them, after what it can say in one line

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--threads", type=int, default=8, help="threads of the web server (default 8)")
        parser.add_argument(
            "--web-workers", type=int, default=1, help="processes of the web server (default 1)"
        )
        parser.add_argument("--concurrency", type=int, default=4, help="syncs at the same time (default 4)")
        parser.add_argument(
            "--demo", action="store_true", help="with the sandbox Apple and demo organizations"
        )
        parser.add_argument("--sandbox-port", type=int, default=0, help="of --demo (default: the port + 100)")

    def handle(self, **options: Any) -> None:
        with running.alone("Stop it first, or set CREDHUB_DATA_DIR to another folder."):
            self._run(options)
        self._say("Stopped.")

    def _run(self, options: dict[str, Any]) -> None:
        host, port = options["host"], options["port"]
        self._check_free(host, port)
        sandbox_port = options["sandbox_port"] or port + 100
        if options["demo"]:
            self._check_free("127.0.0.1", sandbox_port)
            self._check_free("127.0.0.1", sandbox_port + 1)
        self._prepare()
        url = f"http://{'127.0.0.1' if host in {'0.0.0.0', '127.0.0.1'} else host}:{port}"  # noqa: S104
        programs = self._programs(options)
        if options["demo"]:
            programs += self._demo_programs(url, sandbox_port)
            apple = {
                "APPSTORE_API_URL": f"http://127.0.0.1:{sandbox_port}",
                "APPSTORE_ENTERPRISE_API_URL": f"http://127.0.0.1:{sandbox_port + 1}",
            }
            for program in programs:
                program.environ = {**apple, **program.environ}
        self._greet(url, is_demo=options["demo"])
        Supervisor(programs, self._say).run()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _check_free(self, host: str, port: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(
                    f"Cannot listen on {host}:{port} ({error.strerror}). Set PORT to a free one."
                ) from None

    def _prepare(self) -> None:
        self._check_keys()
        self.check(tags=[Tags.models, Tags.security])  # not those of pages: the web server loads them itself
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        make_broker_folders(settings.CELERY_BROKER_TRANSPORT_OPTIONS)

    def _check_keys(self) -> None:
        """Before anything is written: the wrong master key must not even migrate."""
        try:
            key_check.prove()
        except (MasterKeyError, KeyProviderUnreachableError) as error:
            raise ImproperlyConfigured(str(error)) from None

    def _programs(self, options: dict[str, Any]) -> list[Program]:
        celery = [sys.executable, "-m", "celery", "--quiet", "-A", "credhub"]
        # The embedded broker moves messages through the temporary folder: keep that in the data dir too.
        private_tmp = {} if settings.REDIS_URL else {"TMPDIR": str(settings.BROKER_DIR / "processed")}
        web = [
            sys.executable, "-m", "gunicorn", "credhub.wsgi:application",
            "--config", str(settings.BASE_DIR / "gunicorn.conf.py"),
            "--bind", f"{options['host']}:{options['port']}",
            "--workers", str(options["web_workers"]), "--threads", str(options["threads"]),
        ]  # fmt: skip
        worker = celery_worker(options["concurrency"])
        # The plain scheduler keeps its clock in memory: every entry is a short interval, so nothing is missed.
        beat = [
            *celery,
            "beat",
            "--scheduler",
            "celery.beat:Scheduler",
            "--loglevel",
            "warning",
            "--pidfile=",
        ]
        return [
            Program("web", web),
            Program("worker", worker, {**private_tmp, **CHECKED}),
            Program("scheduler", beat),
        ]

    def _demo_programs(self, url: str, sandbox_port: int) -> list[Program]:
        manage = [sys.executable, sys.argv[0]]
        sandbox = [
            *manage, "sandbox", "--port", str(sandbox_port), "--data-dir", str(settings.DATA_DIR / "sandbox"),
            "--ready-keys", "admin", "--latency-ms", "60",
        ]  # fmt: skip
        return [Program("sandbox", sandbox), Program("demo", [*manage, "seed_demo", "--stay", "--url", url])]

    def _greet(self, url: str, *, is_demo: bool) -> None:
        self._say(f"CredHub: {url}")
        self._say(f"Data:    {settings.DATA_DIR}")
        if is_demo:
            self._say("Setting up the demo…")
        elif not User.objects.exists():
            self._say(f"Create the first account: {url}{reverse('set-up', args=[set_up_token()])}")
        self._say("Ctrl-C stops it.")
