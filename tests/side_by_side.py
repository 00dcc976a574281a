"""What the processes of `make test` share out among them: whole files, so that what a file set up is set up once.

xdist's own groups are no way to say it: xdist 3.8 writes them into node ids, which pytest 9.2 no longer reads.
"""

import pytest
from xdist.scheduler import LoadFileScheduling

# Files that stand on one thing which is dear to start: Chromium, or the installation that `place` runs
TOGETHER = (
    ("tests/browser/",),
    (
        "tests/process/test_hardening.py",
        "tests/process/test_killed_sync.py",
        "tests/process/test_rotation_under_load.py",
        "tests/process/test_up.py",
    ),
)
# Longest first: what begins last, and alone, is waited for
FIRST = ("tests/browser/", "tests/test_access_matrix.py", "tests/process/", "tests/test_query_counts.py",
         "tests/credhub/test_backup", "tests/test_no_canary_anywhere.py")  # fmt: skip


class ByFile(LoadFileScheduling):
    """A file to a process at a time; files that belong together as one."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """What is handed to one process with this test in it."""
    path = nodeid.partition("::")[0]
    return next((each[0] for each in TOGETHER if path.startswith(each)), path)


def longest_first(items: list[pytest.Item]) -> None:
    """In place; otherwise in the (random) order that they came in."""

    def place(item: pytest.Item) -> int:
        return next((n for n, each in enumerate(FIRST) if item.nodeid.startswith(each)), len(FIRST))

    items.sort(key=place)
