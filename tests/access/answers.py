"""Asking a page as somebody, and what came of it: a letter of tests/access/table.py, and what is wrong with the
answer whatever it says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse

from tests.conftest import Cast

SIGN_IN = "/accounts/login/"
STATUS = {404: "-", 403: "x", 405: "m", 400: "!", 301: "s"}
UNTOLD = {"last_login"}  # set by signing in, which every request of these tests does first


@dataclass
class Answer:
    letter: str
    response: HttpResponse
    faults: list[str] = field(default_factory=list)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing behind, so that one world serves many requests."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def database() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for sessions."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model is not Session:
            names = [each.attname for each in model._meta.concrete_fields if each.attname not in UNTOLD]
            rows = model._base_manager.order_by("pk").values_list(*names)
            found[model._meta.label] = [tuple(map(_plain, row)) for row in rows]
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def ask(cast: Cast, member: str, method: str, address: str, data: dict[str, Any] | None = None) -> Answer:
    """The answer that this member of the cast gets, signed in anew; whatever it changed is undone."""
    with undone():
        client = cast.client(member)
        before = database()
        response = client.generic(method, address) if method == "HEAD" else _send(client, method, address, data)
        changed = database() != before
    letter = _letter(response, changed)
    return Answer(letter, response, list(_faults(response, letter, changed)))


def _send(client: Any, method: str, address: str, data: dict[str, Any] | None) -> HttpResponse:
    return client.get(address) if method == "GET" else client.post(address, data or {})


def _letter(response: HttpResponse, changed: bool) -> str:
    if response.status_code == 200:
        return "O" if changed else "o"
    if response.status_code == 302:
        if response["Location"].startswith(SIGN_IN):
            return "L"
        return ">" if changed else "="
    return STATUS.get(response.status_code, "?")


def _faults(response: HttpResponse, letter: str, changed: bool) -> Iterator[str]:
    """What no answer may be, whoever asks."""
    if changed and letter not in "O>":
        yield "was refused and changed something all the same"
    policy = response.headers.get("Content-Security-Policy", "")
    if not policy or "unsafe-inline" in policy or "unsafe-eval" in policy:
        yield f"has the content security policy “{policy}”"
    if "no-store" not in response.headers.get("Cache-Control", ""):
        yield "may be stored by a cache"
    if not response.headers.get("X-Request-Id"):
        yield "has no X-Request-Id"
