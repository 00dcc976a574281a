"""An import from end to end: uploaded, read by CredHub, shown, asked about, stored."""

import argparse
import getpass
import sys
import time
from contextlib import suppress
from typing import Any

from credhub_cli import waiting
from credhub_cli.archives import Archive
from credhub_cli.context import Context
from credhub_cli.errors import CliError, Exit, usage
from credhub_cli.output import printable, table
from credhub_cli.progress import Progress

TRIES = 3  # at a passphrase, for people
WORDS = {"READING": "Reading", "STORING": "Storing"}
STATES = {
    "NEW": "new", "KEY": "say what it is for", "DUPLICATE": "here already",
    "STORED": "stored", "LEFT": "left out", "FAILED": "not stored",
}  # fmt: skip
NAMES = ("id", "kind", "name", "paths", "notes", "state", "outcome", "expires_at", "credential_id")
Import = dict[str, Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="store what is new without asking")
    parser.add_argument("--dry-run", action="store_true", help="show what is in it, and store nothing")
    waiting.arguments(parser)


def require_answer(here: Context) -> None:
    """Before anything is sent: somebody can be asked, or it was said already. Raises CliError."""
    if not (here.args.yes or here.args.dry_run or sys.stdin.isatty()):
        raise usage("Nobody can be asked here. Say --yes, or --dry-run to see what is in it.")


def ask_secret(prompt: str) -> str:
    """From a terminal without showing it, else a line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline(4096).rstrip("\r\n")


def run(here: Context, archive: Archive, *, passphrase: str = "", password: str = "") -> int:
    if archive.links:
        here.out.note(
            f"Links are left out: {', '.join(archive.links[:5])}{' …' if archive.links[5:] else ''}"
        )
    words = {"passphrase": passphrase, "password": password}
    found: Import = here.client.upload("/imports", (archive.name, archive.content), words).body
    try:
        found = _read(here, found, password)
        items = _items(here, found)
        new = [each for each in items if each["state"] == "NEW"]
        for line in _preview(items, found["problems"]):
            here.out.note(line)
        is_wanted = bool(new) and not here.args.dry_run and (here.args.yes or _asked(len(new)))
    except BaseException:
        with suppress(CliError):  # what nobody stores is deleted there within a day
            _discard(here, found)
        raise
    if not is_wanted:
        return _told(here, _discard(here, found), items)
    path = f"/imports/{found['id']}"
    stored = _wait(here, here.client.post(f"{path}/apply", {}).body)
    if stored["failed"]:
        raise CliError(
            Exit.FAILED, stored["error_code"] or "failed", stored["error_message"] or "It was not stored."
        )
    return _told(here, stored, _items(here, stored))


def _read(here: Context, found: Import, password: str) -> Import:
    """As it is when it was read; asks for the passphrase as often as it makes sense. Raises CliError."""
    tries = TRIES if sys.stdin.isatty() else 1
    found = _wait(here, found)
    while found["failed"] and found["wants_passphrase"] and tries:
        tries -= 1
        here.out.note(found["error_message"])
        words = {"passphrase": ask_secret("Passphrase of the repository: "), "password": password}
        if not words["passphrase"]:
            break
        found = _wait(here, here.client.post(f"/imports/{found['id']}/read-again", words).body)
    if found["failed"]:
        raise CliError(
            Exit.FAILED, found["error_code"] or "failed", found["error_message"] or "It was not read."
        )
    return found


def _wait(here: Context, found: Import) -> Import:
    """Until no worker is at it. Raises CliError."""
    deadline = time.monotonic() + here.args.timeout
    progress = Progress(here.out)
    try:
        while found["state"] in WORDS and not found["failed"]:
            so_far = found["progress"] or {"seen": 0, "total": 0}
            words = f"{WORDS[found['state']]} {found['name']}"
            words += f": {so_far['seen']} of {so_far['total']}" if so_far["total"] else ""
            progress.say(printable(words), so_far["seen"] / so_far["total"] if so_far["total"] else 0.0)
            if time.monotonic() >= deadline:
                raise CliError(
                    Exit.TIMEOUT, "timeout", f"No worker came to the end of import {found['id']} in time."
                )
            waiting.sleep(waiting.PAUSE)
            found = here.client.get(f"/imports/{found['id']}")
    finally:
        progress.close()
    return found


def _items(here: Context, found: Import) -> list[Import]:
    rows = here.client.pages(f"/imports/{found['id']}/items")
    return [
        {name: each[name] for name in NAMES} for each in sorted(rows, key=lambda each: int(each["number"]))
    ]


def _preview(items: list[Import], problems: list[dict[str, str]]) -> list[str]:
    """In lines."""
    rows = [
        (STATES.get(each["state"], each["state"]), each["kind"] or "private key (.p8)", each["name"], file)
        for each in items
        for file in [", ".join(each["paths"])]
    ]
    lines = table(("", "KIND", "NAME", "FILE"), rows).split("\n")
    lines = lines if rows else ["There is nothing in it that can be stored."]
    lines += [f"not taken: {each['path']}: {each['said']}" for each in problems]
    if any(each["state"] == "KEY" for each in items):
        lines.append("A .p8 does not tell what it is for: import these on CredHub's page, and say it there.")
    return lines


def _asked(count: int) -> bool:
    sys.stderr.write(f"Store what is new ({count}), unless it has expired? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _discard(here: Context, found: Import) -> Import:
    done: Import = here.client.send("DELETE", f"/imports/{found['id']}").body
    return done


def _told(here: Context, found: Import, items: list[Import]) -> int:
    stored = [each for each in items if each["state"] == "STORED"]
    lost = [each for each in items if each["state"] == "FAILED"]
    said = [
        f"{each['name']}: {STATES[each['state']]}. {each['outcome']}".strip() for each in [*stored, *lost]
    ]
    if found["state"] == "DISCARDED":
        is_new = any(each["state"] == "NEW" for each in items)
        said = ["Nothing is stored." if is_new else "Nothing in it is new."]
    told = {"id": found["id"], "state": found["state"], "items": items, "problems": found["problems"]}
    here.out.result(told, "\n".join(map(printable, said)))
    return Exit.FAILED if lost else Exit.OK
