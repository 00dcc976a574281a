"""What the documents point at is there."""

import re
from uuid import UUID

import pytest
from django.urls import Resolver404, resolve

from appstore.models import AppPlatform
from appstore.signing.slots import slots_of
from credentials.kinds import KINDS
from tests.architecture.sources import ROOT

DOCUMENTS = [
    "threat-model.md",
    "asvs.md",
    "compromised.md",
    "key-ceremony.md",
    "deploy.md",
    "architecture.md",
    "sync-under-faults.md",
    "federation.md",
    "secret-scanning.md",
    "api.md",
    "parity.md",
]
A_FILE = re.compile(r"`([a-z_]+(?:/[a-z_*]+)*\.(?:py|md|txt))`")
A_LINK = re.compile(r"\]\(([a-z][a-z./-]*\.md)\)")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_and_links(document: str) -> None:
    text = (ROOT / "docs" / document).read_text()
    named = A_FILE.findall(text)
    places = (ROOT, ROOT / "tests", ROOT / "docs")
    assert [name for name in named if not any(list(place.glob(name)) for place in places)] == []
    assert [name for name in A_LINK.findall(text) if not (ROOT / "docs" / name).exists()] == []
    if document in {"threat-model.md", "asvs.md"}:
        assert len(named) > 20


# --- docs/parity.md


A_ROW = re.compile(r"^\| F(\d+) \|", re.MULTILINE)
A_PAGE = re.compile(r"`([a-z<][a-z/<>:-]*/)`")
A_TEST = re.compile(r"`([a-z_/]+\.py)::(test_[a-z0-9_]+)`")
NUMBERS = [*range(1, 16), *range(20, 30), *range(30, 43), *range(50, 62), *range(70, 76), *range(80, 91)]


def test_every_feature_has_a_row_of_its_own() -> None:
    rows = [int(number) for number in A_ROW.findall((ROOT / "docs/parity.md").read_text())]
    assert rows == [*NUMBERS, *range(130, 140)]


def test_each_row_names_tests_and_pages_that_are_there() -> None:
    missing = []
    for line in (ROOT / "docs/parity.md").read_text().splitlines():
        if not A_ROW.match(line):
            continue
        tests, pages = A_TEST.findall(line), A_PAGE.findall(line)
        if not tests or line.count("`") != 2 * len(tests + pages):
            missing.append(line)
        missing += [name for path, name in tests if f"def {name}(" not in _text(f"tests/{path}")]
        missing += [page for page in pages if not _is_a_page(page)]
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
