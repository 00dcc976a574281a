"""Second factors are sealed, belong to one person, and let nobody in once the database was tampered with."""

import json
import zlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from organizations import second_factors
from organizations.models import AuditEvent, User
from tests import factories
from tests.conftest import Cast
from tests.organizations.signing_in import (
    add_totp,
    code_of,
    is_signed_in,
    new_browser,
    recovery_codes,
    sign_in,
)


def row_of(user: User, kind: str) -> Authenticator:
    return Authenticator.objects.get(user=user, type=kind)


def write(user: User, kind: str, change: Callable[[dict[str, Any]], None]) -> None:
    """As the database's superuser does it."""
    row = row_of(user, kind)
    data = dict(row.data)
    change(data)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mfa_authenticator SET data = %s WHERE id = %s", [json.dumps(data), row.pk])


def enter(client: Client, user: User, code: str) -> Any:
    sign_in(client, user.email)
    return client.post(reverse("mfa_authenticate"), {"code": code})


def confirmed(cast: Cast) -> Client:
    """The root's owner, who has just typed the password again."""
    client = cast.client("root_owner")
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    return client


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_is_on_record_and_tells_its_owner(cast: Cast) -> None:
    client = confirmed(cast)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert second_factors.has_second_factor(cast.root_owner)
    events = AuditEvent.objects.filter(action="second-factor:added", actor_user=cast.root_owner)
    assert {event.facts["method"] for event in events} == {"totp", "recovery_codes"}
    assert [message.to for message in mail.outbox] == [[cast.root_owner.email]]

    again = new_browser()
    assert not is_signed_in(again)
    assert enter(again, cast.root_owner, code_of(secret))["Location"] == reverse("home")
    started = AuditEvent.objects.filter(action="session:started").latest("created_at")
    assert started.facts == {"method": "password, totp"}


def test_no_secret_is_stored_in_the_clear(cast: Cast) -> None:
    client = confirmed(cast)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    waiting = client.session["mfa.totp.secret"]
    assert secret not in waiting
    assert secret.encode() not in b64decode(waiting)
    for session in Session.objects.all():
        packed = session.session_data.split(":")[0]
        raw = urlsafe_b64decode(packed.lstrip(".") + "==")
        assert secret.encode() not in (zlib.decompress(raw) if packed.startswith(".") else raw)

    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    rows = json.dumps([row.data for row in Authenticator.objects.all()])
    assert secret not in rows
    for code in recovery_codes(cast.root_owner):
        assert code not in rows
    assert "mfa.totp.secret" not in client.session


def test_the_waiting_secret_is_one_persons(cast: Cast) -> None:
    client, other = confirmed(cast), cast.client("outsider")
    other.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    other.get(reverse("mfa_activate_totp"))
    session = other.session
    session["mfa.totp.secret"] = client.session["mfa.totp.secret"]
    session.save()
    assert other.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}).context["form"].errors


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        pytest.param("totp", lambda data: data.update(secret="x"), id="another-secret"),
        pytest.param("totp", lambda data: data.pop("mac"), id="no-digest"),
        pytest.param("totp", lambda data: data.update(mac="1:" + "0" * 64), id="another-digest"),
        pytest.param("totp", lambda data: data.update(mac="99:x"), id="a-key-that-never-was"),
        pytest.param("recovery_codes", lambda data: data.update(seed="x"), id="another-seed"),
        pytest.param(
            "recovery_codes", lambda data: data.update(migrated_codes=["x"]), id="codes-beside-the-seed"
        ),
    ],
)
def test_a_row_that_was_changed_lets_nobody_in(
    cast: Cast, kind: str, change: Callable[[dict[str, Any]], None]
) -> None:
    add_totp(cast.root_owner)
    write(cast.root_owner, kind, change)
    client = new_browser()
    answer = sign_in(client, cast.root_owner.email)
    assert answer.status_code == 403
    assert "was changed in the database and not by CredHub" in answer.content.decode()
    assert not is_signed_in(client)
    assert client.get(reverse("mfa_authenticate"))["Location"] == reverse("account_login")
    assert not second_factors.has_second_factor(cast.root_owner)
    event = AuditEvent.objects.get(action="sign-in:failed")
    assert (event.subject_label, event.facts) == (cast.root_owner.email, {"method": "altered second factor"})


def test_another_persons_factor_does_not_fit(cast: Cast) -> None:
    """The attacker copies their own authenticator, digest and all, to somebody else's account."""
    secret = add_totp(cast.outsider)
    stolen = row_of(cast.outsider, "totp").data
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mfa_authenticator (user_id, type, data, created_at) "
            "SELECT %s, type, %s, created_at FROM mfa_authenticator WHERE id = %s",
            [
                User._meta.pk.get_db_prep_value(cast.root_owner.pk, connection),
                json.dumps(stolen),
                row_of(cast.outsider, "totp").pk,
            ],
        )
    client = new_browser()
    assert enter(client, cast.root_owner, code_of(secret))["Location"] == reverse("account_login")
    assert not is_signed_in(client)


def test_a_passkeys_key_cannot_be_exchanged(cast: Cast) -> None:
    """Nor hidden behind the digest of another kind's secret."""
    WebAuthn.add(cast.root_owner, "Laptop", {"id": "one", "response": {"a": 1, "b": 2}})
    row = row_of(cast.root_owner, "webauthn")
    assert second_factors.is_authentic(row)
    row.data = {**row.data, "credential": {"response": {"b": 2, "a": 1}, "id": "one"}}
    assert second_factors.is_authentic(row), "the order of keys is no change"
    original = row.data["credential"]
    row.data = {**row.data, "credential": {"id": "two"}, "secret": original}
    assert not second_factors.is_authentic(row)


def test_renaming_and_using_keep_the_digest(cast: Cast) -> None:
    secret = add_totp(cast.root_owner)
    assert enter(new_browser(), cast.root_owner, recovery_codes(cast.root_owner)[0]).status_code == 302
    assert enter(new_browser(), cast.root_owner, code_of(secret)).status_code == 302
    assert all(second_factors.is_authentic(row) for row in second_factors.rows_of(cast.root_owner))


@pytest.mark.parametrize("seconds", [-30, 0, 30], ids=["the-last-one", "now", "the-next-one"])
def test_a_code_works_once(cast: Cast, seconds: int) -> None:
    secret = add_totp(cast.root_owner)
    code = code_of(secret, seconds=seconds)
    assert enter(new_browser(), cast.root_owner, code)["Location"] == reverse("home")
    again = new_browser()
    assert enter(again, cast.root_owner, code).status_code == 200
    assert not is_signed_in(again)


def test_a_recovery_code_works_once(cast: Cast) -> None:
    add_totp(cast.root_owner)
    code = recovery_codes(cast.root_owner)[0]
    assert enter(new_browser(), cast.root_owner, code)["Location"] == reverse("home")
    assert enter(new_browser(), cast.root_owner, code).status_code == 200
    assert len(recovery_codes(cast.root_owner)) == 9


def test_the_password_alone_changes_no_factor(cast: Cast) -> None:
    add_totp(cast.root_owner)
    client = cast.client("root_owner")
    answer = client.get(reverse("account_reauthenticate"), {"next": "/"})
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    assert client.get(reverse("mfa_deactivate_totp"))["Location"].startswith(reverse("mfa_reauthenticate"))
    assert second_factors.has_second_factor(cast.root_owner)


def test_a_post_that_came_too_late_is_not_kept(cast: Cast) -> None:
    """Django-allauth would write it, with the cookies it came with, into the session."""
    client = cast.client("root_owner")
    client.post(reverse("mfa_generate_recovery_codes"), {"anything": "s3cret"})
    assert "account_reauthentication_state" not in client.session


def test_recovery_codes_are_shown_once(cast: Cast) -> None:
    add_totp(cast.root_owner)
    client, code = new_browser(), recovery_codes(cast.root_owner)[1]
    enter(client, cast.root_owner, recovery_codes(cast.root_owner)[0])
    client.post(reverse("mfa_reauthenticate"), {"code": recovery_codes(cast.root_owner)[-1]})
    assert code in client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert code not in client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert client.get(reverse("mfa_download_recovery_codes")).status_code == 403
