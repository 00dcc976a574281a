"""An invitation's link: it expires, works once, can be taken back, and leaves no trace that opens anything."""

import socket
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from organizations.actors import SYSTEM, Actor
from organizations.models import AuditEvent, Invitation, Membership, User
from organizations.permissions import Role
from tests import factories
from tests.access.answers import database
from tests.conftest import Cast
from tests.organizations.invitations import ACCOUNT, link, mailed_path, post_invite

ENDED = "This invitation has ended"


def assert_dead(path: str) -> None:
    """Neither looked at nor accepted, and no account comes of it."""
    users, members = User.objects.count(), Membership.objects.count()
    for answer in (Client().get(path), Client().post(path, ACCOUNT)):
        assert answer.status_code == 404
        assert ENDED in answer.content.decode()
    assert (User.objects.count(), Membership.objects.count()) == (users, members)


def test_a_link_is_for_seven_days(cast: Cast) -> None:
    path = link(cast.sub_a)
    invitation = Invitation.objects.get()
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    factories.change(Invitation.objects.all(), expires_at=timezone.now() - timedelta(seconds=1))
    assert_dead(path)


def test_a_link_works_once(cast: Cast) -> None:
    path = link(cast.sub_a)
    assert Client().post(path, ACCOUNT).status_code == 302
    assert_dead(path)


def test_two_who_accept_in_one_moment(cast: Cast) -> None:
    """Both have read the open invitation; the second accepts nothing."""
    link(cast.sub_a)
    first, second = Invitation.objects.get(), Invitation.objects.get()
    people = [factories.make_user(f"{name}@example.com") for name in ("first", "second")]
    first.accept(Actor(user=people[0]), people[0])
    with pytest.raises(Invitation.DoesNotExist):
        second.accept(Actor(user=people[1]), people[1])
    assert not people[1].memberships.exists()


def test_a_link_is_taken_back(cast: Cast) -> None:
    path = link(cast.sub_a)
    client = cast.client("sub_a_admin")
    revoke = reverse("revoke-invitation", args=[cast.sub_a.slug, Invitation.objects.get().pk])
    assert client.post(revoke).status_code == 302
    assert_dead(path)
    assert client.post(revoke).status_code == 404
    assert AuditEvent.objects.filter(action="invitation:revoked").count() == 1


def test_a_new_invitation_ends_the_one_before(cast: Cast) -> None:
    old, new = link(cast.sub_a, "New@Example.com"), link(cast.sub_a, "new@example.com")
    assert_dead(old)
    assert Client().get(new).status_code == 200


def test_invitations_of_others_stay_open(cast: Cast) -> None:
    elsewhere, somebody = link(cast.sub_b), link(cast.sub_a, "somebody@example.com")
    link(cast.sub_a)
    assert Client().get(elsewhere).status_code == Client().get(somebody).status_code == 200


@pytest.mark.parametrize("archived", ["sub_a", "root"])
def test_an_archived_organization_has_no_open_links(cast: Cast, archived: str) -> None:
    path = link(cast.sub_a)
    getattr(cast, archived).archive(SYSTEM)
    assert_dead(path)
    getattr(cast, archived).restore(SYSTEM)
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("how", ["removed", "demoted", "locked out"])
def test_a_link_is_worth_what_its_sender_may_give(cast: Cast, how: str) -> None:
    path = link(cast.sub_a, role=Role.ADMIN, actor=cast.actor("sub_a_admin"))
    sender = Membership.objects.get(user=cast.sub_a_admin)
    if how == "removed":
        sender.remove(SYSTEM)
    elif how == "demoted":
        sender.change_role(SYSTEM, Role.DEVELOPER)
    else:
        factories.change(User.objects.filter(pk=cast.sub_a_admin.pk), is_active=False)
    assert_dead(path)


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "..", "a b", "é"])
def test_a_link_that_never_was(cast: Cast, token: str) -> None:
    link(cast.sub_a)
    assert Client().get(f"/invitations/{token}/").status_code == 404


def test_the_token_is_in_no_table(cast: Cast) -> None:
    """Only its keyed hash is stored: neither a copy of the database nor the activity log opens the door."""
    post_invite(cast.client("sub_a_admin"), cast.sub_a, "new@example.com")
    token = mailed_path().split("/")[2]
    assert len(token) >= 43
    assert token not in repr(database())
    assert token not in repr(dict(cast.client("sub_a_admin").session))
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        assert token not in repr(cursor.fetchall())


def test_the_link_is_shown_once(cast: Cast) -> None:
    client = cast.client("sub_a_admin")
    page = post_invite(client, cast.sub_a, "new@example.com").content.decode()
    assert f"http://testserver{mailed_path()}" in page
    for _ in range(2):
        later = client.get(reverse("members", args=[cast.sub_a.slug])).content.decode()
        assert "new@example.com" in later
        assert "/invitations/" not in later.replace(
            reverse("revoke-invitation", args=[cast.sub_a.slug, Invitation.objects.get().pk]), ""
        )


def test_the_mail_says_who_what_and_until_when(cast: Cast) -> None:
    post_invite(cast.client("sub_a_admin"), cast.sub_a, " New@Example.com ", Role.VIEWER)
    (message,) = mail.outbox
    assert message.to == ["new@example.com"]
    assert "sub.a.admin@example.com invites you to join Acme Games on CredHub as Viewer." in message.body
    assert f"{Invitation.objects.get().expires_at:%d %B %Y}" in message.body


def test_a_mail_server_that_is_down_loses_nothing(cast: Cast, settings: Settings) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = nobody_listens.getsockname()
        answer = post_invite(cast.client("sub_a_admin"), cast.sub_a, "new@example.com")
    assert answer.status_code == 200
    assert Client().get(answer.context["link"].removeprefix("http://testserver")).status_code == 200


def test_a_mail_server_that_hangs_holds_nobody_up_for_long(cast: Cast, settings: Settings) -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 30
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        answer = post_invite(cast.client("sub_a_admin"), cast.sub_a, "new@example.com")
    assert answer.context["link"]
