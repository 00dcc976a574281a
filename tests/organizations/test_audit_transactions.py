"""What is not recorded did not happen: each change and its event are one transaction."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from organizations.actors import SYSTEM
from organizations.models import AuditEvent, Invitation, Membership, Organization
from organizations.permissions import Role
from tests import factories
from tests.access.answers import database
from tests.conftest import Cast
from tests.organizations.invitations import link


def own(cast: Cast) -> Membership:
    return Membership.objects.get(user=cast.sub_a_developer)


def invitation(cast: Cast) -> Invitation:
    return Invitation.objects.get(organization=cast.sub_a)


CHANGES: dict[str, Callable[[Cast], object]] = {
    "organization:created": lambda cast: cast.root.create_sub_organization(SYSTEM, "New"),
    "organization:renamed": lambda cast: cast.sub_a.rename(SYSTEM, "New"),
    "organization:archived": lambda cast: cast.sub_a.archive(SYSTEM),
    "organization:restored": lambda cast: cast.sub_b.restore(SYSTEM),
    "member:role-changed": lambda cast: own(cast).change_role(SYSTEM, Role.ADMIN),
    "member:removed": lambda cast: own(cast).remove(SYSTEM),
    "member:invited": lambda cast: link(cast.sub_a, "another@example.com"),
    "member:joined": lambda cast: invitation(cast).accept(SYSTEM, cast.outsider),
    "invitation:revoked": lambda cast: invitation(cast).revoke(SYSTEM),
}


@pytest.fixture
def world(cast: Cast) -> Cast:
    link(cast.sub_a)
    factories.change(
        Organization.objects.filter(pk=cast.sub_b.pk), archived_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    return cast


@pytest.mark.parametrize("action", CHANGES)
def test_the_change_and_its_event_come_together(world: Cast, action: str) -> None:
    before = database()
    events = AuditEvent.objects.filter(action=action)
    count = events.count()
    CHANGES[action](world)
    assert events.count() == count + 1
    after = database()
    assert {table for table in after if after[table] != before[table]} > {"organizations.AuditEvent"}


@pytest.mark.parametrize("action", CHANGES)
def test_without_the_event_there_is_no_change(
    world: Cast, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr("organizations.audit.record", fail)
    before = database()
    with pytest.raises(RuntimeError, match="the log is full"):
        CHANGES[action](world)
    assert database() == before


def test_a_new_root_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the log is full")

    user = factories.make_user("somebody@example.com")
    monkeypatch.setattr("organizations.audit.record", fail)
    with pytest.raises(RuntimeError):
        Organization.create_root(SYSTEM, "New", user)
    assert not Organization.objects.exists()
    assert not Membership.objects.exists()
