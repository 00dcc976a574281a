"""What is not written anywhere: ways round the escaping of HTML, round CSRF, round the ORM, and signals."""

import re
from collections.abc import Iterator

from tests.architecture.sources import Source

FORBIDDEN = {
    "mark_safe": "build HTML with format_html",
    "SafeString": "build HTML with format_html",
    "csrf_exempt": "every POST carries a token",
    "RawSQL": "the ORM keeps values apart from SQL",
}
WITHOUT_CSRF = {
    "appstore/views/device_answer.py"
}  # phones send it: no cookie, no session, nothing to ride on
FORBIDDEN_CALLS = {
    "extra": "the ORM keeps values apart from SQL",
    "raw": "the ORM keeps values apart from SQL",
}
SIGNALS = ("django.db.models.signals", "django.dispatch", "django.core.signals", "django.contrib.auth.signals",
           "django.test.signals", "allauth.account.signals")  # fmt: skip
IN_TEMPLATES = {
    "a value that is not escaped": re.compile(r"\|\s*safe(seq)?\b|\{%\s*autoescape\s+off"),
    "a style that the content security policy stops": re.compile(r"<style\b|\sstyle\s*="),
    "a script that the content security policy stops": re.compile(
        r"<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:"
    ),
}


def words(source: Source) -> Iterator[str]:
    """No mark_safe, no csrf_exempt, no RawSQL, no .extra()."""
    for node, name in source.imports():
        last = name.rsplit(".", maxsplit=1)[-1]
        if last == "csrf_exempt" and source.path in WITHOUT_CSRF:
            continue
        if last in FORBIDDEN and last != "SafeString":  # as a type it makes nothing safe
            yield source.at(node, f"imports {last}: {FORBIDDEN[last]}")
    for call in source.calls():
        name = (source.dotted(call.func) or getattr(call.func, "attr", "")).rsplit(".", maxsplit=1)[-1]
        if name in FORBIDDEN or (name in FORBIDDEN_CALLS and not source.names.get(name)):
            yield source.at(call, f"calls {name}: {FORBIDDEN.get(name) or FORBIDDEN_CALLS[name]}")


def signals(source: Source) -> Iterator[str]:
    """Nothing happens because something else was saved: no receivers of signals, but for those of allauth."""
    if source.path == "organizations/account_events.py":
        return
    for node, name in source.imports():
        if name.startswith(SIGNALS):
            yield source.at(node, f"imports {name}: call what should happen")


def absolute_urls(source: Source) -> Iterator[str]:
    """Django's admin would redirect to it for any id, and so tell which ids exist."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if "def get_absolute_url" in line:
            yield f"{source.path}:{number} defines get_absolute_url"


def template(path: str, text: str) -> Iterator[str]:
    """What must not stand in a template."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from (
            f"{path}:{number} has {what}" for what, found in IN_TEMPLATES.items() if found.search(line)
        )
