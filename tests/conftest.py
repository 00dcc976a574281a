"""The cast: the same people in every test, each signed in with a client of their own."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from appstore.models import AppStoreConnectKey
from credentials import system_keys as system_keys_in_memory
from credentials.models import SystemKey
from credentials.models.data_key import Deployment
from credhub.stack_room import with_room
from organizations import passwords
from organizations.actors import SYSTEM, Actor
from organizations.models import AuditEvent, AuditHead, Membership, Organization, User
from organizations.permissions import Role
from tests import factories
from tests.side_by_side import ByFile, longest_first
from tests.thoroughness import leave_out

LONG = ("tests/browser/", "tests/process/", "tests/credhub/test_backup", "tests/test_no_canary_anywhere.py")


# A machine that is slow for a moment is no failure: nothing here is judged by its time, nor is what makes the inputs.
hypothesis_settings.register_profile("credhub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("credhub")


def pytest_collection_finish() -> None:
    """What is in memory by now stays there: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """As pytest does it, with room: by a quarter faster."""
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    with_room(lambda: pyfuncitem.obj(**arguments))
    return True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out(config, items)
    for item in items:
        if any(part in item.path.as_posix() for part in LONG):
            item.add_marker(pytest.mark.long)
    longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False  # by number of tests, which says nothing here
    return ByFile(config, log)


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


def make_cast() -> Cast:
    root = factories.make_root("Acme")
    sub_a = root.create_sub_organization(SYSTEM, "Acme Games")
    sub_b = root.create_sub_organization(SYSTEM, "Acme Travel")
    other = factories.make_root("Globex")
    password = make_password(factories.PASSWORD)
    users = {
        name: User(
            email=f"{name.replace('_', '.')}@example.com",
            password=password,
            is_staff=name == "operator",
            is_superuser=name == "operator",
        )
        for name in Cast.MEMBERS
    }
    roles = {
        "root_owner": (root, Role.OWNER), "root_viewer": (root, Role.VIEWER), "sub_a_admin": (sub_a, Role.ADMIN),
        "sub_a_developer": (sub_a, Role.DEVELOPER), "sub_b_developer": (sub_b, Role.DEVELOPER),
        "outsider": (other, Role.OWNER),
    }  # fmt: skip
    User.objects.bulk_create(users.values())
    Membership.objects.bulk_create(
        Membership(user=users[name], organization=organization, role=role)
        for name, (organization, role) in roles.items()
    )
    return Cast(root=root, sub_a=sub_a, sub_b=sub_b, other=other, **users)


_the_cast: list[tuple[Cast, dict[str, list[Any]]]] = []  # as it was made first, and its rows by table


@pytest.fixture
def cast(db: None) -> Cast:
    """On SQLite the rows are put back as they were when the first test made them, which takes a fifth of the time."""
    if connection.vendor != "sqlite":
        return make_cast()
    if not _the_cast:
        with transaction.atomic():
            made = make_cast()
            _the_cast.append((deepcopy(made), _rows_of(made)))
            transaction.set_rollback(True)
    made, rows = _the_cast[0]
    # In one transaction, because a row may stand before the one that it refers to
    with transaction.atomic(), connection.cursor() as cursor:
        for table, values in rows.items():
            marks = ", ".join(["%s"] * len(values[0]))
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)  # noqa: S608 - names of ours
    return deepcopy(made)


def _rows_of(cast: Cast) -> dict[str, list[Any]]:
    """Table → its rows that came with this cast."""
    organizations = [cast.root.pk, cast.sub_a.pk, cast.sub_b.pk, cast.other.pk]
    sets = [
        Organization.objects.filter(pk__in=organizations),
        User.objects.filter(pk__in=[getattr(cast, name).pk for name in Cast.MEMBERS]),
        Membership.objects.filter(organization__in=organizations),
        AuditHead.objects.filter(chain__in=organizations),
        AuditEvent.objects.filter(chain__in=organizations),
    ]
    found = {}
    with connection.cursor() as cursor:
        for rows in sets:
            table, pk = rows.model._meta.db_table, rows.model._meta.pk
            ids = [pk.get_db_prep_value(each, connection) for each in rows.values_list("pk", flat=True)]
            cursor.execute(
                f'SELECT * FROM "{table}" WHERE "{pk.column}" IN ({", ".join(["%s"] * len(ids))})',  # noqa: S608 - names of ours
                ids,
            )
            found[table] = cursor.fetchall()
    return found


@contextmanager
def shared_world(blocker: DjangoDbBlocker) -> Iterator[None]:
    """For a fixture of a whole module: what is made inside is there for all of its tests, each of which undoes its
    own changes (they stand in a savepoint), and is gone after the last one. None of them may commit."""
    with blocker.unblock(), transaction.atomic():
        system_keys_in_memory.forget()
        ensure_system_key()
        yield
        transaction.set_rollback(True)
    system_keys_in_memory.forget()


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


_the_system_key: list[Deployment | SystemKey] = []


def ensure_system_key() -> None:
    """The same one in every test: rows that were made under it keep their digests."""
    if not _the_system_key:
        SystemKey.ensure()
        _the_system_key.extend([*Deployment.objects.all(), *SystemKey.objects.all()])
    elif not SystemKey.objects.exists():
        for row in _the_system_key:
            row.save(force_insert=True)


@pytest.fixture(autouse=True)
def system_keys(request: pytest.FixtureRequest) -> Iterator[None]:
    """The deployment's keys, which a migration makes and a test that commits takes away with everything else."""
    marker = request.node.get_closest_marker("django_db")
    commits = False
    if marker or {"db", "transactional_db"} & set(request.fixturenames):
        commits = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
        request.getfixturevalue("transactional_db" if commits else "db")
        system_keys_in_memory.forget()
        ensure_system_key()
        system_keys_in_memory.opened()  # tests count what is opened after this
    yield
    if commits:
        cache.clear()  # a table that is not emptied with the others, and people of the cast keep their ids
    system_keys_in_memory.forget()
    Path(settings.AUDIT_ANCHORS).unlink(missing_ok=True)  # the next test's log is another


@pytest.fixture(autouse=True)
def letter_box(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker that sends links for forgotten passwords is here at once."""
    monkeypatch.setattr("organizations.passwords.ring", passwords.send_link)
