"""Apple in a process of its own, as far away as Apple is: the sandbox with a latency."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.process.house import ROOT, free_ports

LATENCY_MS = 80


@dataclass
class Apple:
    url: str

    def post(self, path: str, **fields: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=fields, timeout=1800)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def requests(self) -> int:
        """How many there were since the last `forget`, by Apple's own count."""
        return len(requests.get(f"{self.url}/_sandbox/requests", timeout=60).json()["requests"])

    def forget(self) -> None:
        requests.delete(f"{self.url}/_sandbox/requests", timeout=60)


@contextmanager
def far_away() -> Iterator[Apple]:
    port, other = free_ports(2)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "manage.py", "sandbox", "--port", str(port), "--enterprise-port", str(other),
            "--data-dir", folder, "--latency-ms", str(LATENCY_MS), "--hourly-limit", "100000", "--ready-keys", "admin",
        ]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        apple = Apple(f"http://127.0.0.1:{port}")
        try:
            _wait(apple)
            yield apple
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(apple: Apple) -> None:
    for _ in range(600):
        try:
            if requests.get(f"{apple.url}/_sandbox/health", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError("The sandbox does not start.")
