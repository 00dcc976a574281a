"""The reveal page: fresh authentication, a reason, a ticket that works once, and nothing left behind."""

import json
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from appstore.models import AppStoreConnectKey, KeyType
from credentials.models import RevealRequest
from organizations.audit import Action
from organizations.models import AuditEvent
from tests import factories
from tests.conftest import Cast
from tests.credentials.revealing import (
    REASON,
    fresh_client,
    page_of,
    require_approval,
    second_owner,
    send,
    ticket_on,
)
from tests.credentials.stopped_log import stopped_log
from tests.leaks import find_in, forms_of
from tests.organizations.signing_in import authenticated

pytestmark = pytest.mark.django_db(transaction=True)  # an opening commits its event


@pytest.fixture
def p8() -> bytes:
    return factories.make_p8()


@pytest.fixture
def key(cast: Cast, p8: bytes) -> AppStoreConnectKey:
    return factories.make_key(cast.root, p8=p8, key_id="REVEAL1234")


@pytest.fixture
def client(cast: Cast) -> Client:
    return fresh_client(cast.root_owner)


def revealed() -> int:
    return AuditEvent.objects.filter(action=Action.CREDENTIAL_REVEALED).count()


def test_the_page_says_what_will_happen_and_opens_nothing(
    client: Client, key: AppStoreConnectKey, p8: bytes
) -> None:
    answer = client.get(page_of(key.credential))
    assert "It goes on record before it is opened" in answer.content.decode()
    assert find_in(answer.content, forms_of(p8)) == []
    assert revealed() == 0


def test_it_is_shown_once_and_stored_by_nobody(client: Client, key: AppStoreConnectKey, p8: bytes) -> None:
    answer = send(client, key)
    assert p8.decode().strip() in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    event = AuditEvent.objects.get(action=Action.CREDENTIAL_REVEALED)
    assert (event.facts["purpose"], event.facts["what"]) == (REASON, "reveal")
    assert event.address


FILES = [("p8", "AuthKey_REVEAL1234.p8"), ("fastlane", "REVEAL1234.json"), ("environment", "REVEAL1234.env")]


@pytest.mark.parametrize(("what", "name"), FILES)
def test_downloads(client: Client, key: AppStoreConnectKey, p8: bytes, what: str, name: str) -> None:
    answer = send(client, key, what)
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    content = answer.content
    if what == "p8":
        assert content == p8
    elif what == "fastlane":
        assert json.loads(content)["key"] == p8.decode()
    else:
        assert p8.decode().replace("\n", "\\n") in content.decode()
    assert AuditEvent.objects.get(action=Action.CREDENTIAL_REVEALED).facts["what"] == what


def test_an_individual_key_is_called_otherwise(cast: Cast, client: Client, p8: bytes) -> None:
    key = factories.make_key(cast.root, p8=p8, key_id="REVEAL1234", key_type=KeyType.INDIVIDUAL)
    assert 'filename="ApiKey_REVEAL1234.p8"' in send(client, key, "p8")["Content-Disposition"]


def test_without_a_reason_nothing_opens(client: Client, key: AppStoreConnectKey, p8: bytes) -> None:
    for reason in ("", "   ", "\u200b", "x" * 201):
        answer = send(client, key, reason=reason)
        assert answer.status_code == 400
        assert find_in(answer.content, forms_of(p8)) == []
    assert send(client, key, "nonsense").status_code == 400
    assert revealed() == 0


def test_a_ticket_works_once(client: Client, key: AppStoreConnectKey, p8: bytes) -> None:
    page = page_of(key.credential)
    sent = {"ticket": ticket_on(client, page), "reason": REASON, "what": "reveal"}
    assert client.post(page, sent).status_code == 200
    for again in (sent, {**sent, "ticket": ""}, {**sent, "ticket": "made up"}):
        answer = client.post(page, again, follow=True)
        assert answer.redirect_chain == [(page, 302)]
        assert "nothing was opened again" in answer.content.decode()
        assert find_in(answer.content, forms_of(p8)) == []
    assert revealed() == 1


def test_a_ticket_is_for_one_credential_and_one_browser(
    cast: Cast, client: Client, key: AppStoreConnectKey
) -> None:
    other = factories.make_key(cast.root)
    ticket = ticket_on(client, page_of(other.credential))
    sent = {"ticket": ticket, "reason": REASON, "what": "reveal"}
    assert client.post(page_of(key.credential), sent).status_code == 302
    assert fresh_client(cast.root_owner).post(page_of(other.credential), sent).status_code == 302
    assert revealed() == 0


@pytest.mark.parametrize("ago", [None, 301])
def test_who_did_not_just_show_who_they_are_confirms_first(
    client: Client, key: AppStoreConnectKey, ago: int | None
) -> None:
    page = page_of(key.credential)
    ticket = ticket_on(client, page)
    authenticated(client, *([{"method": "password"}] if ago else []), ago=ago or 0)
    for answer in (client.get(page), client.post(page, {"ticket": ticket, "reason": REASON, "what": "p8"})):
        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('account_reauthenticate')}?next={page.replace('/', '%2F')}"
    assert revealed() == 0


def test_where_a_second_factor_is_required_a_password_opens_nothing(
    cast: Cast, client: Client, key: AppStoreConnectKey
) -> None:
    cast.root.requires_second_factor = True
    cast.root.save()
    assert client.get(page_of(key.credential)).status_code == 403


def test_the_secret_stays_in_no_session_message_log_or_list(
    client: Client, key: AppStoreConnectKey, p8: bytes, capfd: pytest.CaptureFixture[str], caplog: Any
) -> None:
    for what in ("reveal", "p8", "fastlane", "environment"):
        assert send(client, key, what).status_code == 200
    pages = ["overview", "credentials", "activity", "approvals"]
    seen = [client.get(reverse(name, args=["acme"])).content for name in pages]
    seen += [client.get(page_of(key.credential)).content, client.get(key.credential.page_path()).content]
    seen += [str(row.get_decoded()).encode() for row in Session.objects.all()]
    seen += [str(list(AuditEvent.objects.values())).encode(), str(client.cookies).encode()]
    out, err = capfd.readouterr()
    seen += [out.encode(), err.encode(), caplog.text.encode()]
    assert find_in(b"\n".join(seen), forms_of(p8)) == []


# When the log cannot be written


@pytest.mark.parametrize("what", ["reveal", "p8", "fastlane", "environment"])
def test_what_cannot_be_recorded_is_503_and_no_byte_of_it(
    client: Client, key: AppStoreConnectKey, p8: bytes, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(key.credential)
    sent = {"ticket": ticket_on(client, page), "reason": REASON, "what": what}
    with stopped_log():
        answer = client.post(page, sent)
    assert answer.status_code == 503
    assert "cannot be recorded now" in answer.content.decode()
    assert "Content-Disposition" not in answer
    assert find_in(answer.content, forms_of(p8)) == []
    assert revealed() == 0
    assert client.post(page, sent).status_code == 302  # the ticket is gone all the same
    assert send(client, key, what).status_code == 200


# The switch


def test_off_and_on_again(cast: Cast, client: Client, key: AppStoreConnectKey, p8: bytes) -> None:
    credential = key.credential
    switch = reverse("allow-reveal", args=["acme", credential.pk])
    assert "Reveal or download…" in client.get(credential.page_path()).content.decode()
    stale = cast.client("root_owner")
    stale.post(switch, {"allowed": "no"})
    said = client.get(credential.page_path()).content.decode()
    assert "Reveal or download…" not in said
    assert "without anybody seeing it" in said
    assert "Reveal is off" in client.get(page_of(credential)).content.decode()
    sent = {"ticket": ticket_on(client, page_of(credential)), "reason": REASON, "what": "p8"}
    answer = client.post(page_of(credential), sent, follow=True)
    assert "nobody sees it" in answer.content.decode()
    assert find_in(answer.content, forms_of(p8)) == []

    assert reverse("account_reauthenticate") in stale.post(switch, {"allowed": "yes"})["Location"]
    credential.refresh_from_db()
    assert not credential.reveal_allowed
    client.post(switch, {"allowed": "yes"})
    assert send(client, key, "p8").content == p8


# Approval


def test_asked_approved_opened(cast: Cast, client: Client, key: AppStoreConnectKey, p8: bytes) -> None:
    second = fresh_client(second_owner(cast))
    require_approval(cast)
    assert send(client, key, "p8").status_code == 302
    asked = RevealRequest.objects.get()
    decide = reverse("decide-approval", args=["acme", asked.pk])
    assert "Your own" in client.get(reverse("approvals", args=["acme"])).content.decode()
    assert "nobody approves" in client.post(decide, {"decision": "approve"}, follow=True).content.decode()
    assert revealed() == 0
    assert REASON in second.get(reverse("approvals", args=["acme"])).content.decode()
    second.post(decide, {"decision": "approve"})
    assert b"Open it now" in client.get(page_of(key.credential)).content
    assert send(client, key, use=str(asked.pk)).content == p8
    again = client.post(
        page_of(key.credential),
        {"ticket": ticket_on(client, page_of(key.credential)), "use": str(asked.pk)},
        follow=True,
    )
    assert "used" in again.content.decode()
    assert find_in(again.content, forms_of(p8)) == []
    assert revealed() == 1


def test_approving_takes_fresh_authentication_and_turning_down_does_not(
    cast: Cast, client: Client, key: AppStoreConnectKey
) -> None:
    second = second_owner(cast)
    require_approval(cast)
    send(client, key)
    asked = RevealRequest.objects.get()
    stale = Client()
    stale.force_login(second, backend="organizations.sign_in_backend.SignInBackend")
    decide = reverse("decide-approval", args=["acme", asked.pk])
    assert reverse("account_reauthenticate") in stale.post(decide, {"decision": "approve"})["Location"]
    asked.refresh_from_db()
    assert asked.approved_at is None
    stale.post(decide, {"decision": "refuse"})
    asked.refresh_from_db()
    assert asked.refused_by == second


def test_the_setting_takes_an_owner_who_is_fresh(cast: Cast, client: Client) -> None:
    address = reverse("require-reveal-approval", args=["acme"])
    cast.client("root_owner").post(address, {"required": "yes"})
    cast.root.refresh_from_db()
    assert not cast.root.reveal_needs_approval
    client.post(address, {"required": "yes"})
    cast.root.refresh_from_db()
    assert cast.root.reveal_needs_approval
    event = AuditEvent.objects.get(action=Action.ORGANIZATION_REVEAL_APPROVAL)
    assert (event.facts["was"], event.facts["now"]) == ("not required", "required")
    assert b"Approvals" in client.get(reverse("overview", args=["acme"])).content
