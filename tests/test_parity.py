"""docs/parity.md: each feature has its row, and what a row names is there."""

import re
from uuid import UUID

from django.urls import Resolver404, resolve

from appstore.models import AppPlatform
from appstore.signing.slots import slots_of
from credentials.kinds import KINDS
from tests.architecture.sources import ROOT

A_LINK = re.compile(r"\]\(([a-z][a-z./-]*\.md)\)")
A_ROW = re.compile(r"\| F(\d+) \|")
A_PAGE = re.compile(r"`([a-z<][a-z/<>:-]*/)`")
A_TEST = re.compile(r"`([a-z_/]+\.py)::(test_[a-z0-9_]+)`")
NUMBERS = [*range(1, 16), *range(20, 30), *range(30, 43), *range(50, 62), *range(70, 76), *range(80, 91)]


def rows() -> list[str]:
    return [line for line in (ROOT / "docs/parity.md").read_text().splitlines() if A_ROW.match(line)]


def test_every_feature_has_a_row_of_its_own() -> None:
    assert [int(A_ROW.findall(line)[0]) for line in rows()] == [*NUMBERS, *range(130, 140)]


def test_each_row_names_tests_and_pages_that_are_there() -> None:
    missing = []
    for line in rows():
        tests, pages = A_TEST.findall(line), A_PAGE.findall(line)
        if not tests or line.count("`") != 2 * len(tests + pages):
            missing.append(line)
        missing += [name for path, name in tests if f"def {name}(" not in _text(f"tests/{path}")]
        missing += [page for page in pages if not _is_a_page(page)]
        missing += [name for name in A_LINK.findall(line) if not (ROOT / "docs" / name).exists()]
    assert missing == []


def _text(path: str) -> str:
    file = ROOT / path
    return file.read_text() if file.exists() else ""


def _is_a_page(page: str) -> bool:
    try:
        found = resolve(f"/o/acme/{page.replace('<id>', str(UUID(int=0)))}")
    except Resolver404:
        return False
    kind, slot = found.kwargs.get("kind", ""), found.kwargs.get("slot", "")
    slots = {name for platform in AppPlatform.values for name in slots_of(platform)}
    return (not kind or kind in KINDS) and (not slot or slot in slots)
