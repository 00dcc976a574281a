"""How far a run is: a bar on a terminal, a line for each change elsewhere."""

import sys
from typing import Any

from credhub_cli.output import Output, printable

ORDER = ("certificates", "profiles", "bundleIds", "devices")  # what a sync reads
LISTS = len(ORDER)
ENDED = frozenset({"SUCCEEDED", "FAILED", "DEAD", "CANCELLED"})
WIDTH = 24


def part_of(sync: dict[str, Any]) -> float:
    """0 to 1. A list counts by what was read of it, a change by its steps."""
    if sync["state"] in ENDED:
        return 1.0
    if steps := sync["report"]:
        return float(sum(step["state"] not in {"now", "todo"} for step in steps) / len(steps))
    counts = sync["counts"].values()
    parts = [min(1.0, (each.get("seen") or 0) / each["total"]) for each in counts if each.get("total")]
    return float(min(1.0, sum(parts) / LISTS))


def words_of(sync: dict[str, Any]) -> str:
    """What goes on, in a few words."""
    doing = next((step["said"] for step in sync["report"] if step["state"] == "now"), "")
    return printable(f"{sync['title']}: {doing or seen_in(sync) or sync['state'].lower()}")


def seen_in(sync: dict[str, Any]) -> str:
    """How many of what a sync has read."""
    counts = sorted(
        sync["counts"].items(), key=lambda each: _place(each[0])
    )  # a database may keep them in any order
    return ", ".join(
        f"{each.get('seen') or 0} {'bundle IDs' if name == 'bundleIds' else name}" for name, each in counts
    )


def bar(part: float) -> str:
    full = int(part * WIDTH)
    return f"[{'#' * full}{'.' * (WIDTH - full)}] {part:4.0%}"


class Progress:
    def __init__(self, out: Output) -> None:
        self._out = out
        self._last = ""
        self._draws = not out.as_json and sys.stderr.isatty()

    def show(self, sync: dict[str, Any]) -> None:
        self.say(words_of(sync), part_of(sync))

    def say(self, words: str, part: float) -> None:
        """`words` are printable; `part` is 0 to 1."""
        if self._draws:
            sys.stderr.write(f"\r\x1b[K{bar(part)} {words[:100]}")
            sys.stderr.flush()
        elif words != self._last:
            self._out.note(words)
        self._last = words

    def close(self) -> None:
        if self._draws and self._last:
            sys.stderr.write("\n")


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else LISTS
