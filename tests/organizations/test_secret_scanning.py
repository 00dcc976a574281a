"""The patterns of docs/secret-scanning.md find our tokens and nothing else."""

import math
import re
import tomllib
from collections import Counter
from typing import Any

import pytest
import yaml

from organizations import tokens
from tests.architecture.sources import ROOT

TEXT = (ROOT / "docs" / "secret-scanning.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.S)
    assert found
    return found[1]


def github() -> str:
    cells = dict(re.findall(r"^\| ([A-Z][^|]*?) \| `(.*)` \|$", TEXT, re.M))
    before, secret, after = (
        cells[name].replace(r"\|", "|") for name in ("Before secret", "Secret format", "After secret")
    )
    return rf"(?:{before})({secret})(?:{after})".replace(r"\z", r"\Z")


def gitleaks() -> str:
    (rule,) = tomllib.loads(block("toml"))["rules"]
    assert re.compile(rule["regex"]).groups == rule["secretGroup"]
    return str(rule["regex"])


def trufflehog() -> str:
    (detector,) = yaml.safe_load(block("yaml"))["detectors"]
    return str(detector["regex"]["token"])


@pytest.mark.parametrize("pattern", [github, gitleaks, trufflehog], ids=["github", "gitleaks", "trufflehog"])
def test_patterns(pattern: Any) -> None:
    token = tokens.new_token()
    expression = re.compile(pattern())
    for text in (token, f"export CREDHUB_TOKEN={token}\n", f'"{token}"', f"Bearer {token},"):
        assert [found[1] for found in expression.finditer(text)] == [token], text
    for text in (
        token[:-1],
        token + "0",
        f"x{token}",
        token.upper(),
        token.replace("_", "-"),
        f"sha_{token}",
    ):
        assert not expression.search(text), text


def test_what_is_asked_of_their_randomness() -> None:
    asked = tomllib.loads(block("toml"))["rules"][0]["entropy"]
    assert yaml.safe_load(block("yaml"))["detectors"][0]["entropy"] == asked
    for _ in range(200):
        counts = Counter(tokens.new_token()).values()
        assert -sum(n / 54 * math.log2(n / 54) for n in counts) > asked


def test_the_check_sum_tells_real_ones_from_others() -> None:
    scope: dict[str, Any] = {}
    exec(block("python"), scope)  # noqa: S102 - ours, as readers copy it
    for _ in range(50):
        token = tokens.new_token()
        other = token[:-1] + ("0" if token[-1] != "0" else "1")
        assert scope["is_real"](token) is tokens.is_token(token) is True
        assert scope["is_real"](other) is tokens.is_token(other) is False
