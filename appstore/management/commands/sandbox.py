"""Run a local App Store Connect, with keys ready to be uploaded."""

import signal
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from appstore.sandbox.ready_keys import LISTING, WANTED, ReadyKey, prepare
from appstore.sandbox.server import Sandbox


class Command(BaseCommand):
    help = "Run a local stand-in for App Store Connect and the Enterprise Program API, until interrupted."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        data_dir = Path(getattr(settings, "DATA_DIR", Path("var"))) / "sandbox"
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument("--enterprise-port", type=int, help="Default: the port after --port")
        parser.add_argument("--data-dir", type=Path, default=data_dir, help="Default: %(default)s")
        parser.add_argument("--latency-ms", type=int, default=0, help="Wait so long before every answer")
        parser.add_argument("--hourly-limit", type=int, default=3600, help="Requests per key and hour")
        parser.add_argument(
            "--ready-keys",
            type=_names,
            default=list(WANTED),
            help=f"Comma-separated, out of: {', '.join(WANTED)}. Default: all",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Ctrl-C and a supervisor's SIGTERM end the command alike, in the middle of its preparations, too.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.default_int_handler)
        try:
            self._run(options)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def _run(self, options: dict[str, Any]) -> None:
        data_dir: Path = options["data_dir"]
        port: int = options["port"]
        second = options["enterprise_port"]
        sandbox = Sandbox(
            data_dir=data_dir,
            host=options["host"],
            port=port,
            enterprise_port=second if second is not None else (port + 1 if port else 0),
            latency_ms=options["latency_ms"],
            hourly_limit=options["hourly_limit"],
        )
        ready = prepare(sandbox, data_dir, options["ready_keys"])
        try:
            sandbox.start()
        except OSError as error:
            raise CommandError(f"The sandbox cannot listen: {error}") from error
        try:
            self._print(sandbox, data_dir, ready)
            while True:
                signal.pause()
        finally:
            sandbox.stop()

    def _print(self, sandbox: Sandbox, data_dir: Path, ready: list[ReadyKey]) -> None:
        self.stdout.write(f"App Store Connect API:  {sandbox.url}")
        self.stdout.write(f"Enterprise Program API: {sandbox.enterprise_url}")
        self.stdout.write(f"Keys ({data_dir / LISTING}):")
        for each in ready:
            issuer = f"issuer {each.issuer_id}" if each.issuer_id else "no issuer"
            self.stdout.write(f"  {each.path}  key {each.key_id}  {issuer}  {each.role}  {each.key_type}")
        self.stdout.flush()


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in WANTED:
            raise ArgumentTypeError(f"{name!r} is not one of {', '.join(WANTED)}")
    return names
