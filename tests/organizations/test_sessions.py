"""Sessions end by themselves, by their owner, and with what they stood on."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organizations import sessions
from organizations.actors import SYSTEM
from organizations.lockout import set_active
from organizations.models import AuditEvent
from tests import factories
from tests.conftest import Cast
from tests.organizations.signing_in import add_totp, code_of, is_signed_in, new_browser, sign_in

KNOWN = "root.owner@example.com"
NEW = "another quite long password"


def signed_in() -> Client:
    client = new_browser()
    sign_in(client, KNOWN)
    return client


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def goes_on(client: Client) -> bool:
    return client.get(reverse("mfa_index")).status_code == 200


@pytest.mark.parametrize(
    ("field", "minutes", "lives"),
    [
        ("last_seen_at", 59, True),
        ("last_seen_at", 61, False),
        ("created_at", 719, True),
        ("created_at", 721, False),
    ],
    ids=["idle-59-minutes", "idle-61-minutes", "just-under-12-hours", "over-12-hours"],
)
def test_a_session_ends_by_itself(cast: Cast, field: str, minutes: int, lives: bool) -> None:
    client = signed_in()
    row = row_of(client)
    setattr(row, field, timezone.now() - timedelta(minutes=minutes))
    row.save()
    assert goes_on(client) is lives
    assert is_signed_in(client) is lives
    assert UserSession.objects.filter(pk=row.pk).exists() is lives


def test_use_keeps_a_session_and_polling_does_not(cast: Cast) -> None:
    client = signed_in()
    before = timezone.now() - timedelta(minutes=50)
    UserSession.objects.update(last_seen_at=before)
    client.get(reverse("mfa_index"), headers={"HX-Request": "true"})
    assert row_of(client).last_seen_at == before
    client.get(reverse("mfa_index"))
    assert row_of(client).last_seen_at > before


def test_somebody_is_told_that_the_session_ended(cast: Cast) -> None:
    client = signed_in()
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    page = client.get(reverse("mfa_index"), follow=True).content.decode()
    assert "Your session has ended. Sign in again." in page


def test_the_list_shows_ones_own(cast: Cast) -> None:
    first, second = signed_in(), signed_in()
    sign_in(new_browser(), "outsider@example.com")
    listed = first.get(reverse("sessions")).context["sessions"]
    assert [each["is_current"] for each in listed] == [True, False]
    assert {each["pk"] for each in listed} == {row_of(first).pk, row_of(second).pk}


def test_ending_one_and_all_others(cast: Cast) -> None:
    first, second, third, stranger = signed_in(), signed_in(), signed_in(), new_browser()
    sign_in(stranger, "outsider@example.com")
    first.post(reverse("end-session", args=[row_of(second).pk]))
    assert [goes_on(each) for each in (first, second, third, stranger)] == [True, False, True, True]
    first.post(reverse("end-session", args=[row_of(stranger).pk]))
    first.post(reverse("end-other-sessions"))
    assert [goes_on(each) for each in (first, third, stranger)] == [True, False, True]
    events = AuditEvent.objects.filter(action="session:ended", actor_user=cast.root_owner)
    assert [event.facts["counts"] for event in events] == [{"sessions": 1}, {"sessions": 1}]


def test_a_changed_password_ends_the_others(cast: Cast) -> None:
    first, second = signed_in(), signed_in()
    data = {"oldpassword": factories.PASSWORD, "password1": NEW, "password2": NEW}
    first.post(reverse("account_change_password"), data)
    assert goes_on(first)
    assert not goes_on(second)
    assert UserSession.objects.filter(user=cast.root_owner).count() == 1
    actions = AuditEvent.objects.filter(actor_user=cast.root_owner).values_list("action", flat=True)
    assert {"password:changed", "session:ended"} <= set(actions)


def test_a_changed_factor_ends_the_others(cast: Cast) -> None:
    secret = add_totp(cast.root_owner)
    clients = [new_browser(), new_browser()]
    for client, seconds in zip(clients, (0, 30), strict=True):
        sign_in(client, KNOWN)
        client.post(reverse("mfa_authenticate"), {"code": code_of(secret, seconds=seconds)})
    first, second = clients
    assert goes_on(second)
    first.post(reverse("mfa_reauthenticate"), {"code": code_of(secret, seconds=-30)})
    first.post(reverse("mfa_deactivate_totp"))
    assert goes_on(first)
    assert not goes_on(second)
    assert (
        AuditEvent.objects.filter(action="second-factor:removed").count() == 2
    )  # the app and its recovery codes


def test_being_locked_out_ends_all_for_good(cast: Cast) -> None:
    client = new_browser()
    sign_in(client, "sub.a.admin@example.com")
    set_active(SYSTEM, cast.sub_a_admin, is_active=False)
    set_active(SYSTEM, cast.sub_a_admin, is_active=True)
    assert not goes_on(client)


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8", "A program"),
    ],
    ids=["firefox", "edge", "iphone", "curl"],
)
def test_browsers_are_named_for_people(user_agent: str, said: str) -> None:
    assert sessions.browser_of(user_agent) == said
