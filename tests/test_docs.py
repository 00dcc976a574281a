"""What the documents point at is there."""

import re

import pytest

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
    "webhooks.md",
    "ci-recipes.md",
    "cli.md",
    "ci-recipes-cli.md",
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
