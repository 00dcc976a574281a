"""The first account: made with the link of the first start, while there is no other, and never again."""

from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from organizations.models import AuditEvent, Organization, User
from organizations.permissions import Role
from organizations.views.home import set_up_token
from tests import factories

DATA = {
    "organization": "My Company", "name": "Olga Owner", "email": "Olga@Example.com", "password": factories.PASSWORD,
}  # fmt: skip


def path(token: str | None = None) -> str:
    return reverse("set-up", args=[token or set_up_token()])


def test_the_first_account_is_an_operator_and_owns_the_first_root(db: None) -> None:
    client = Client()
    assert client.get(path()).status_code == 200
    answer = client.post(path(), DATA)
    assert answer["Location"] == "/o/my-company/"
    assert client.get(answer["Location"]).status_code == 200
    user, root = User.objects.get(), Organization.objects.get()
    assert (user.email, user.name, user.is_superuser) == ("olga@example.com", "Olga Owner", True)
    assert (root.name, root.is_root) == ("My Company", True)
    assert root.memberships.get(user=user).role == Role.OWNER
    assert {each.action for each in AuditEvent.objects.all()} == {"organization:created", "session:started"}


@pytest.mark.parametrize(
    "token",
    ["x", "first account", signing.dumps("first account"), signing.dumps("first account", salt="another"),
     "ImZpcnN0IGFjY291bnQi:1aaaaa:" + "x" * 43],
    ids=["one letter", "plain", "without salt", "with another salt", "made up"],
)  # fmt: skip
def test_without_the_link_there_is_no_such_page(db: None, token: str) -> None:
    for answer in (Client().get(path(token)), Client().post(path(token), DATA)):
        assert answer.status_code == 404
    assert not User.objects.exists()


def test_a_link_that_another_deployment_made(db: None, settings: Any) -> None:
    token = set_up_token()
    settings.SECRET_KEY = "quite another key"
    assert Client().post(path(token), DATA).status_code == 404


def test_once_there_is_an_account_the_link_is_worth_nothing(db: None) -> None:
    factories.make_user("somebody@example.com")
    client = Client()
    for answer in (client.get(path()), client.post(path(), DATA)):
        assert answer["Location"] == reverse("account_login")
    assert User.objects.count() == 1
    assert not Organization.objects.exists()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("changes", "field"), [
    ({"password": "short"}, "password"),
    ({"password": "password1234"}, "password"),
    ({"password": "olga@example.com"}, "password"),
    ({"email": "no address"}, "email"),
    ({"organization": "  "}, "organization"),
    ({"name": ""}, "name"),
])  # fmt: skip
def test_what_does_not_do(db: None, changes: dict[str, str], field: str) -> None:
    answer = Client().post(path(), {**DATA, **changes})
    assert set(answer.context["form"].errors) == {field}
    assert not User.objects.exists()
    assert not Organization.objects.exists()


def test_the_password_does_not_come_back(db: None) -> None:
    page = Client().post(path(), {**DATA, "email": "no address"}).content.decode()
    assert "My Company" in page
    assert factories.PASSWORD not in page


def test_nothing_is_half_made(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("organizations.audit.record", fail)
    assert Client(raise_request_exception=False).post(path(), DATA).status_code == 500
    assert not User.objects.exists()
