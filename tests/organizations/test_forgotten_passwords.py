"""The link for a forgotten password: to the account's own address, by the worker, and the same for who is unknown."""

import re
import uuid
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from credhub.celery import app
from organizations import passwords
from organizations.models import AuditEvent, User
from tests import factories
from tests.conftest import Cast
from tests.organizations.signing_in import add_totp, is_signed_in, new_browser, sign_in

RING = passwords.ring  # the real one: the suite's own sends at once
KNOWN, UNKNOWN = "root.owner@example.com", "nobody.here@example.com"
NEW = "a brand new long one"


def ask(email: str) -> Any:
    return new_browser().post(reverse("account_reset_password"), {"email": email})


def set_anew(email: str) -> None:
    ask(email)
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found
    client = new_browser()
    form = client.get(found[1])["Location"]
    client.post(form, {"password1": NEW, "password2": NEW})


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr("organizations.passwords.ring", lambda *args: found.append(args))
    return found


def test_an_address_that_somebody_wrote_into_the_database_gets_nothing(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.root_owner, email="thief@example.org", verified=True, primary=True)
    ask("thief@example.org")
    assert mail.outbox == []
    ask("Root.Owner@Example.com")
    assert [message.to for message in mail.outbox] == [[KNOWN]]


def test_who_is_locked_out_gets_nothing(cast: Cast) -> None:
    factories.change(User.objects.filter(email=KNOWN), is_active=False)
    ask(KNOWN)
    assert mail.outbox == []


def test_known_and_unknown_are_the_same_work(cast: Cast, rung: list[tuple[Any, ...]]) -> None:
    """One look-up and one message each; what differs happens later, in the worker."""
    queries = []
    for email in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(connection) as captured:
            assert ask(email).status_code == 302
        queries.append(len(captured))
    assert queries[0] == queries[1]
    (known,), (unknown,) = rung
    assert mail.outbox == []
    passwords.send_link(unknown)
    assert mail.outbox == []
    passwords.send_link(known)
    assert [message.to for message in mail.outbox] == [[KNOWN]]


def test_a_forged_or_repeated_message_sends_nothing(cast: Cast, rung: list[tuple[Any, ...]]) -> None:
    """Who writes to the broker can name neither a person nor a site."""
    passwords.send_link(cast.root_owner.pk)
    assert mail.outbox == []
    ask(KNOWN)
    for _ in range(2):
        passwords.send_link(*rung[0])
    assert len(mail.outbox) == 1


def test_a_broker_that_is_down_does_not_tell(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object) -> None:
        raise OSError

    monkeypatch.setattr("organizations.passwords.ring", down)
    assert ask(KNOWN)["Location"] == ask(UNKNOWN)["Location"] == reverse("account_reset_password_done")


def test_it_keeps_the_second_factor_and_ends_all_sessions(cast: Cast) -> None:
    client = new_browser()
    sign_in(client, KNOWN)
    add_totp(cast.root_owner)
    set_anew(KNOWN)
    assert client.get(reverse("mfa_index")).status_code == 302
    again = new_browser()
    assert sign_in(again, KNOWN, NEW)["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(again)
    assert AuditEvent.objects.filter(action="password:reset", subject_label=KNOWN).count() == 1
    assert "has been reset" in str(mail.outbox[-1].body), "its owner is told"
    assert not EmailAddress.objects.exists(), "no second record of addresses is begun"


def test_the_message_is_an_id_and_the_worker_knows_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(
        passwords.current_app, "send_task", lambda name, **options: sent.append((name, options))
    )
    monkeypatch.setattr("organizations.passwords.ring", RING)
    passwords.ask_for_link(KNOWN, "https://credhub.example/")
    ((name, options),) = sent
    assert [str(uuid.UUID(each)) for each in options["args"]] == options["args"]

    app.loader.import_default_modules()
    app.tasks[name](*options["args"])
    assert "https://credhub.example/accounts/password/reset/key/" in str(mail.outbox[0].body)
