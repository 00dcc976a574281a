"""What the test of a rotation under load runs in processes of its own: `python -m tests.process.rotating WHAT`.

seed      organizations with secrets, in a new database
reveal    opens all of them, over and over, until its input ends
rotate    kills `rotate_keys` again and again, and lets it end at last
retire    destroys the old data keys, and opens everything once more
"""

import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable

ORGANIZATIONS, SECRETS = 30, 2
KILLS = 5  # of each kind of rotation


def seed() -> None:

    from credentials.models import Credential
    from organizations.actors import SYSTEM
    from organizations.models import Organization

    for number in range(ORGANIZATIONS):
        root = Organization.objects.create(name=f"Root {number:02}")
        for each in range(SECRETS):
            name = f"{number}-{each}"
            Credential.store(
                SYSTEM,
                organization=root,
                kind="test",
                name=name,
                identifier=name,
                secret=secret_of(name),
                facts={},
            )


def secret_of(name: str) -> bytes:
    return f"the secret of {name}".encode()


def reveal() -> None:
    """Reads a page of rows, opens them a moment later, as requests do; each must open to what it was."""
    stop, opened, failed = threading.Event(), 0, []
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    while not stop.is_set():
        count, errors = open_all()
        opened += count
        failed += errors
    print(json.dumps({"opened": opened, "failed": failed}))  # noqa: T201


def open_all() -> tuple[int, list[str]]:
    from credentials.models import Credential
    from organizations.actors import SYSTEM

    rows = list(Credential.objects.select_related("organization__parent").order_by("?"))
    failed = []
    for row in rows:
        try:
            if row.reveal(SYSTEM, purpose="load") != secret_of(row.name):
                failed.append(f"{row}: another secret")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells
            failed.append(f"{row}: {error!r}")
    return len(rows), failed


def rotate() -> None:
    for arguments in (["--batch", "1"], ["--data-keys", "--batch", "1"]):
        for _ in range(KILLS):
            _killed(arguments)
        _finished(arguments)


def _killed(arguments: list[str]) -> None:
    """Kill it between its first line of progress and a few moments later."""
    reading, process = _start(arguments)
    line = reading.readline()
    assert line, "it ended before it could be killed"
    for _ in range(random.randrange(2)):
        reading.readline()
    threading.Event().wait(random.random() * 0.005)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    print(json.dumps({"killed": os.WIFSIGNALED(status)}), flush=True)  # noqa: T201


def _finished(arguments: list[str]) -> None:
    reading, process = _start(arguments)
    reading.read()
    _, status = os.waitpid(process, 0)
    print(json.dumps({"ended": os.waitstatus_to_exitcode(status)}), flush=True)  # noqa: T201


def _start(arguments: list[str]):  # type: ignore[no-untyped-def]
    """`rotate_keys` in a process of its own: a fork, which has no start to wait for."""
    from django.core.management import call_command
    from django.db import connections

    connections.close_all()
    out, into = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(out)
        with os.fdopen(into, "w") as stdout:
            try:
                call_command("rotate_keys", *arguments, stdout=stdout)
            except BaseException as error:  # noqa: BLE001
                print(repr(error), file=sys.stderr, flush=True)  # noqa: T201
                os._exit(1)
        os._exit(0)
    os.close(into)
    return os.fdopen(out), process


def retire() -> None:
    from django.core.management import call_command

    call_command("rotate_keys", "--retire", "--grace", "0")
    opened, failed = open_all()
    print(json.dumps({"opened": opened, "failed": failed}))  # noqa: T201


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "credhub.settings"
    import django

    django.setup()
    works: dict[str, Callable[[], None]] = {
        "seed": seed,
        "reveal": reveal,
        "rotate": rotate,
        "retire": retire,
    }
    works[sys.argv[1]]()
