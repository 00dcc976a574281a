"""The lines of docs/cli.md and docs/ci-recipes-cli.md, run as they stand there."""

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from credhub_cli.identity_tokens import PROVIDERS
from credhub_cli.main import parser
from credhub_cli.shells import words_of

from tests.architecture.sources import ROOT
from tests.cli.conftest import HUB, Run
from tests.cli.stub import Stub

DOCUMENTS = [ROOT / "docs" / name for name in ("cli.md", "ci-recipes-cli.md")]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
LINE = re.compile(r"(?:^|: |- |')(credhub [^'#]*)")


def blocks(*languages: str) -> list[str]:
    found = [each for path in DOCUMENTS for each in BLOCK.findall(path.read_text())]
    return [text for language, text in found if language in languages]


LINES = [
    line.strip()
    for block in blocks("sh", "yaml", "groovy")
    for each in block.splitlines()
    for line in LINE.findall(each.strip())
]


class Instance(Stub):
    def told(self, request: requests.PreparedRequest) -> tuple[int, dict[str, Any]]:
        path = str(request.path_url).removeprefix("/api/v1")
        if path == "/token":
            place = {"slug": "acme", "name": "Acme"}
            return 200, {"organization": place, "expires_at": "2027-11-01T09:00:00Z", "scopes": []}
        if path == "/federation/token":
            return 200, {"token": "chub_" + "x" * 49, "expires_at": "2027-11-01T09:00:00Z", "scopes": []}
        return super().told(request)


@pytest.mark.parametrize("line", list(dict.fromkeys(LINES)))
def test_a_line_does_what_it_says(
    line: str, credhub: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Instance().install(monkeypatch)
    for tool in ("fastlane", "gradlew"):
        file = home / tool
        file.write_text('#!/bin/sh\ntest -n "$CREDHUB_P12$CREDHUB_KEYSTORE"\n')
        file.chmod(0o755)
    monkeypatch.chdir(home)
    monkeypatch.setenv("PATH", str(home), prepend=":")
    monkeypatch.setenv("CREDHUB_URL", HUB)
    monkeypatch.setenv("CREDHUB_POLICY", "the-policy")
    monkeypatch.setenv("TRUST_POLICY", "the-policy")
    for provider in PROVIDERS:
        monkeypatch.setitem(PROVIDERS, provider, lambda _environ, _audience: "an identity token")
    words = [os.path.expandvars(each) for each in shlex.split(line)[1:]]
    token = "chub_" + "x" * 49
    if words[0] != "login":
        monkeypatch.setenv("CREDHUB_TOKEN", token)
    done = credhub(*words, stdin=token + "\n")
    needs_files = words[:2] in (
        ["credentials.json", "push"],
        ["import", "match"],
    )  # of which there are none here
    assert done.code == (5 if needs_files else 0), done.err


def test_the_lines_were_found() -> None:
    assert len(LINES) > 12
    for block in blocks("yaml"):
        assert isinstance(yaml.safe_load(block), dict)


def test_every_option_and_variable_is_written_down() -> None:
    text = DOCUMENTS[0].read_text()
    options = {option for words in words_of(parser()) for option in words.options} - {"--help", "--version"}
    assert [each for each in sorted(options) if each not in text] == []
    sources = "".join(path.read_text() for path in (ROOT / "cli").rglob("*.py"))
    variables = set(re.findall(r'"(CREDHUB_[A-Z0-9_]+)"', sources))
    assert len(variables) > 15
    assert [each for each in sorted(variables) if each not in text] == []
