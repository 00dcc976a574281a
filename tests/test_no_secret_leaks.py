"""A canary: a private key is uploaded, used, replaced and shared, and is then found nowhere in any form."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from appstore import runs
from appstore.models import AppStoreConnectKey, Certificate, SyncRun
from appstore.sandbox.server import Sandbox
from credentials.models import Credential
from credentials.models.data_key import DataKey
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.uploading import upload
from tests.conftest import Cast
from tests.crawl import crawl, everything_of
from tests.leak_places import database_files, tables
from tests.leaks import find_in, find_in_tree, forms_of, forms_of_secret
from tests.log_lines import everything_logged

JWT = re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    with everything_logged() as lines:
        yield lines


@dataclass
class Life:
    """What is left when the keys have been through everything. `forms` are those of all of them."""

    cast: Cast
    key: AppStoreConnectKey
    forms: dict[str, bytes]
    clients: dict[str, Client]
    answers: list[Any]


@pytest.fixture
def life(cast: Cast, settings: Settings, logged: io.StringIO) -> Iterator[Life]:
    """Refused uploads, one that is stored, checked and synced with Apple's stand-in, replaced, shared and used."""
    with Sandbox() as sandbox:
        settings.APPSTORE_API_URL = settings.APPSTORE_ENTERPRISE_API_URL = sandbox.url
        team = sandbox.add_team("Acme", certificates=1, profiles=1, bundle_ids=1, devices=2)
        issued, unknown = sandbox.add_key(team), factories.make_p8()
        owner = cast.client("root_owner")
        facts = {"key_id": issued.key_id, "issuer_id": issued.issuer_id, "file_name": "key.p8"}
        answers = [
            upload(owner, cast.root, issued.p8, **{**facts, "issuer_id": "not an issuer"}),
            upload(owner, cast.root, text=issued.p8.decode(), **{**facts, "name": "n" * 200}),
            upload(owner, cast.root, unknown, name="Our key", **facts),
        ]
        key = AppStoreConnectKey.objects.get()
        where = [cast.root.slug, key.credential.pk]
        _perform_all()
        assert Credential.objects.get().status == "REFUSED"
        replace = reverse("replace-credential", args=where)
        answers += [
            upload(owner, cast.root, issued.p8, **facts),
            upload(owner, cast.root, issued.p8, to=replace, **facts),
        ]
        _perform_all()
        assert Credential.objects.get().status == "WORKS"
        assert Certificate.objects.exists()
        owner.post(reverse("share-credential", args=where), {"name": "Our key", "shared_with_all": "on"})
        developer = cast.client("sub_a_developer")
        answers.append(developer.post(reverse("sync-now", args=[cast.sub_a.slug, key.credential.pk])))
        _perform_all()
        key.refresh_from_db()
        assert key.credential.reveal(SYSTEM, purpose="test") == issued.p8
        data_key = forms_of_secret(DataKey.objects.get().open(), "data key")
        forms = {
            **forms_of(issued.p8),
            **{f"refused {n}": form for n, form in forms_of(unknown).items()},
            **data_key,
        }
        yield Life(cast, key, forms, {"root_owner": owner, "sub_a_developer": developer}, answers)


def _perform_all() -> None:
    while run := SyncRun.objects.active().filter(state=SyncRun.State.QUEUED).first():
        runs.perform(run.pk)


@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_stored_logged_or_answered_holds_it(life: Life, logged: io.StringIO) -> None:
    """One life, looked at from every side: making it takes longer than looking."""
    answers = b"".join(everything_of(answer) for answer in life.answers)
    assert find_in(answers, life.forms) == []

    assert "run_claimed" in logged.getvalue()
    assert find_in(logged.getvalue().encode(), life.forms) == []
    assert not JWT.search(logged.getvalue().encode())

    cells = dict(tables())
    assert {"credentials_credential", "django_session", "cache", "organizations_auditevent"} <= cells.keys()
    assert {table: found for table, cell in cells.items() if (found := find_in(cell, life.forms))} == {}
    assert [table for table, cell in cells.items() if JWT.search(cell)] == []

    assert find_in(_sessions_and_messages(life).encode(), life.forms) == []

    out = io.StringIO()
    call_command("dumpdata", stdout=out)
    assert "Our key" in out.getvalue()
    assert find_in(out.getvalue().encode(), life.forms) == []

    events = " ".join(f"{event!r} {vars(event)}" for event in AuditEvent.objects.all())
    assert "credential:revealed" in events
    assert find_in(events.encode(), life.forms) == []

    if files := database_files():
        raw = b"".join(part.read_bytes() for part in files)
        assert str(life.key.key_id).encode() in raw  # the file is the one, and what was committed is in it
        assert find_in(raw, life.forms) == []
    assert find_in_tree(Path(configured.BROKER_DIR), life.forms) == []


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("root_owner", "/o/acme/"),
        ("sub_a_developer", "/o/acme-games/"),
        ("operator", "/o/acme/credentials/"),
        ("operator", "/admin/credentials/"),
        ("operator", "/admin/appstore/appstoreconnectkey/"),
        ("operator", "/admin/organizations/auditevent/"),
    ],
)
def test_no_page_holds_it(life: Life, name: str, start: str) -> None:
    answers = crawl(life.clients.get(name) or life.cast.client(name), start)

    assert len(answers) > 5
    assert {answer.status_code for answer in answers.values()} <= {200, 302, 403, 405}
    shown = {address: find_in(everything_of(answer), life.forms) for address, answer in answers.items()}
    assert {address: found for address, found in shown.items() if found} == {}
    assert [address for address, answer in answers.items() if JWT.search(answer.getvalue())] == []


def _sessions_and_messages(life: Life) -> str:
    """What sessions hold when they are unpacked, and what cookies carry (messages among it)."""
    told = [repr(session.get_decoded()) for session in Session.objects.all()]
    for client in life.clients.values():
        told += [repr(dict(client.session)), client.cookies.output()]
    return "\n".join(told)
