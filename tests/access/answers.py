"""Asking a page as somebody, and what came of it: a letter of tests/access/table.py, and what is wrong with the
answer whatever it says."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpResponse

from organizations.models import Allowance, AuditEvent, AuditHead
from tests.access.table import MEMBERS
from tests.access.world import World

SIGN_IN, ADMIN_SIGN_IN = "/accounts/login/", "/admin/login/"
STATUS = {404: "-", 403: "x", 405: "m", 400: "!", 301: "s", 401: "u"}
# Set by signing in, which every request of these tests does first
UNTOLD = {"last_login", "last_used_at", "last_used_from"}

Rows = dict[str, list[tuple[Any, ...]]]


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


def database(named_in: str | None = None) -> Rows:
    """Every row of every table, but for sessions and what is kept about them, and for what the log says of refusals.
    Of the tables that are named in some SQL only, when there is any."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model in {Session, UserSession, AuditHead, Allowance} or model._meta.proxy:
                continue
            if named_in is not None and model._meta.db_table not in named_in:
                continue
            fields = [each for each in model._meta.local_concrete_fields if each.name not in UNTOLD]
            columns = ", ".join(f'"{each.column}"' for each in fields)
            kept = "WHERE action <> 'access:denied'" if model is AuditEvent else ""
            table, key = model._meta.db_table, model._meta.pk.column
            cursor.execute(f'SELECT {columns} FROM "{table}" {kept} ORDER BY "{key}"')  # noqa: S608 - names of ours
            found[model._meta.label] = cursor.fetchall()
    return found


class Asker:
    """Asks for the members of a cast, in a world that stays as it was when the asker was made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clients = {member: world.cast.client(member) for member in MEMBERS}
        for client in self.clients.values():
            client.get("/healthz")  # the first page of a session begins its record
        self.cookies = {member: deepcopy(client.cookies) for member, client in self.clients.items()}
        self.before = database()

    def ask(self, member: str, method: str, address: str, data: dict[str, Any] | None = None) -> Answer:
        """The answer that this member gets; whatever it changes is undone, in the database and in the browser."""
        client = self.clients[member]
        client.cookies = deepcopy(self.cookies[member])
        written: list[str] = []
        with undone(), connection.execute_wrapper(noting(written)):
            response = client.post(address, data or {}) if method == "POST" else client.get(address)
            changed = any(rows != self.before[label] for label, rows in database("\n".join(written)).items())
        letter = _letter(response, changed)
        return Answer(letter, response, list(_faults(response, letter, changed)))


def noting(written: list[str]) -> Any:
    """Adds what is sent to the database, but for what only reads: comparing all tables takes longer than most pages."""

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")):
            written.append(sql)
        return execute(sql, params, many, context)

    return wrapper


def _letter(response: HttpResponse, changed: bool) -> str:
    if response.status_code == 200:
        return "O" if changed else "o"
    if response.status_code == 302:
        if response["Location"].startswith((SIGN_IN, ADMIN_SIGN_IN)):
            return "L" if response["Location"].startswith(SIGN_IN) else "A"
        return ">" if changed else "="
    return STATUS.get(response.status_code, "?")


def _faults(response: HttpResponse, letter: str, changed: bool) -> Iterator[str]:
    """What no answer may be, whoever asks."""
    if changed and letter not in "O>":
        yield "was refused and changed something all the same"
    policy = response.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe-inline" in policy or "unsafe-eval" in policy:
        yield f"has the content security policy “{policy}”"
    if "no-store" not in response.headers.get("Cache-Control", ""):
        yield "may be stored by a cache"
    if not response.headers.get("X-Request-Id"):
        yield "has no X-Request-Id"
