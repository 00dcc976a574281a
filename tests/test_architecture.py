"""The shape of the source tree, as docs/architecture.md tells it. Every rule is tried on a planted violation first."""

from collections.abc import Callable, Iterator
from statistics import median

import pytest

from tests.architecture import doors, words
from tests.architecture.planted import INNOCENT, PLANTED
from tests.architecture.sources import ROOT, Source, our_files, product_sources

SOURCES = product_sources()
LONGEST, USUAL = 300, 100

RULES = list(dict.fromkeys(rule for rule, _, _ in PLANTED))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_source_tree_keeps_the_rule(rule: Callable[[Source], Iterator[str]]) -> None:
    assert [found for source in SOURCES for found in rule(source)] == []


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_rule_finds_a_planted_violation(
    rule: Callable[[Source], Iterator[str]], path: str, text: str
) -> None:
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), INNOCENT)
def test_rule_leaves_the_innocent_alone(
    rule: Callable[[Source], Iterator[str]], path: str, text: str
) -> None:
    assert list(rule(Source(path, text))) == []


def test_tenant_models_are_known() -> None:
    """The choke point's rule stands on this list; a model that leaves it is noticed."""
    assert doors.tenant_models() == {
        "AppStoreConnectKey", "AuditEvent", "BundleId", "Certificate", "Credential", "DeveloperTeam", "Device",
        "HeldSweep", "ImportItem", "ImportUpload", "Invitation", "Membership", "ObjectChange", "Organization",
        "Profile", "RevealRequest", "Share", "SyncRun", "ApiToken", "App", "Assignment", "DeviceInvitation",
        "DeviceRequest", "TrustPolicy", "Webhook", "WebhookDelivery",
    }  # fmt: skip


def test_templates() -> None:
    found = [
        wrong
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for wrong in words.template(str(path.relative_to(ROOT)), path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["{{ name|safe }}", "{{ name | safe }}", "{% autoescape off %}", '<p style="color: red">', "<style>p {}</style>",
     "<script>alert(1)</script>", '<a onclick="go()">', '<a href="javascript:go()">'],
)  # fmt: skip
def test_template_rule_finds_a_planted_violation(line: str) -> None:
    assert list(words.template("templates/page.html", line))


def test_template_rule_leaves_the_innocent_alone() -> None:
    text = '<script src="/static/x.js" defer></script><link rel="stylesheet" href="x.css">{{ is_safe }}'
    assert list(words.template("templates/page.html", text)) == []


def lengths() -> dict[str, int]:
    return {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in our_files()}


def test_no_file_is_long() -> None:
    assert {path: length for path, length in lengths().items() if length > LONGEST} == {}


def test_files_are_usually_short() -> None:
    product = [length for path, length in lengths().items() if path.endswith(".py") and length]
    assert median(product) < USUAL


def test_lengths_see_the_whole_tree() -> None:
    seen = lengths()
    for path in ("credhub/settings.py", "templates/base.html", "tests/conftest.py", "bin/lint"):
        assert seen[path] > 5
    assert not any("migrations" in path for path in seen)
