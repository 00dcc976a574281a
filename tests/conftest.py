"""The cast: the same people in every test, each signed in with a client of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from appstore.models import AppStoreConnectKey
from credentials import system_keys as system_keys_in_memory
from credentials.models import SystemKey
from organizations import passwords
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization, User
from organizations.permissions import Role
from tests import factories

LONG = ("tests/browser/", "tests/process/", "tests/credhub/test_backup", "tests/test_no_canary_anywhere.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(part in item.path.as_posix() for part in LONG):
            item.add_marker(pytest.mark.long)


@dataclass
class Cast:
    """One root with two sub-organizations, another root, and somebody of every role."""

    root: Organization
    sub_a: Organization
    sub_b: Organization
    other: Organization
    root_owner: User
    root_viewer: User
    sub_a_admin: User
    sub_a_developer: User
    sub_b_developer: User
    outsider: User  # owner of the other root
    operator: User

    MEMBERS = (
        "root_owner", "root_viewer", "sub_a_admin", "sub_a_developer", "sub_b_developer", "outsider", "operator",
    )  # fmt: skip

    def actor(self, name: str) -> Actor:
        return Actor(user=getattr(self, name))

    def client(self, name: str) -> Client:
        """A signed-in client; `anonymous` is nobody, `ci` is a machine with a bearer token."""
        if name == "ci":
            return Client(headers={"authorization": "Bearer chub_" + "x" * 49})
        client = Client()
        if name != "anonymous":
            client.force_login(getattr(self, name), backend="organizations.sign_in_backend.SignInBackend")
        return client


@pytest.fixture(scope="session", autouse=True)
def nobody_is_left_in_the_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A thread that ends a moment late would keep PostgreSQL from dropping the test database."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def cast(db: None) -> Cast:
    root = factories.make_root("Acme")
    sub_a = root.create_sub_organization(SYSTEM, "Acme Games")
    sub_b = root.create_sub_organization(SYSTEM, "Acme Travel")
    other = factories.make_root("Globex")
    people = {
        name: factories.make_user(f"{name.replace('_', '.')}@example.com") for name in Cast.MEMBERS[:-1]
    }
    operator = User.objects.create_superuser("operator@example.com", factories.PASSWORD)
    factories.join(people["root_owner"], root, Role.OWNER)
    factories.join(people["root_viewer"], root, Role.VIEWER)
    factories.join(people["sub_a_admin"], sub_a, Role.ADMIN)
    factories.join(people["sub_a_developer"], sub_a, Role.DEVELOPER)
    factories.join(people["sub_b_developer"], sub_b, Role.DEVELOPER)
    factories.join(people["outsider"], other, Role.OWNER)
    return Cast(root=root, sub_a=sub_a, sub_b=sub_b, other=other, operator=operator, **people)


@pytest.fixture
def root_key(cast: Cast) -> AppStoreConnectKey:
    """A Team key of the root, shared with nobody."""
    return factories.make_key(cast.root, name="Root key")


@pytest.fixture(autouse=True)
def doorbell(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The rings that were sent; no broker is touched. Tests of real workers start real processes."""
    rung: list[object] = []
    monkeypatch.setattr("appstore.doorbell.ring", rung.append)
    return rung


@pytest.fixture(autouse=True)
def system_keys(request: pytest.FixtureRequest) -> Iterator[None]:
    """The deployment's keys, which a migration makes and a test that commits takes away with everything else."""
    marker = request.node.get_closest_marker("django_db")
    if marker or {"db", "transactional_db"} & set(request.fixturenames):
        commits = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
        request.getfixturevalue("transactional_db" if commits else "db")
        system_keys_in_memory.forget()
        SystemKey.ensure()
        system_keys_in_memory.opened()  # tests count what is opened after this
    yield
    system_keys_in_memory.forget()
    Path(settings.AUDIT_ANCHORS).unlink(missing_ok=True)  # the next test's log is another


@pytest.fixture(autouse=True)
def letter_box(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker that sends links for forgotten passwords is here at once."""
    monkeypatch.setattr("organizations.passwords.ring", passwords.send_link)
