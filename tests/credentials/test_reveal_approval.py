"""The second person: nobody sees a secret on their own where the root says so."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from credentials.models import Credential, RevealRequest
from credentials.models.reveal_errors import (
    ApprovalNeededError,
)
from credentials.models.reveal_request import RequestEndedError, State
from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.models import User
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast
from tests.credentials.revealing import REASON, events, require_approval
from tests.credentials.support import SECRET, reloaded, store


@pytest.fixture
def asked(cast: Cast, credential: Credential, owner: Actor) -> RevealRequest:
    require_approval(cast)
    return RevealRequest.ask(owner, reloaded(credential), what="p8", reason=REASON)


def open_with(asked: RevealRequest, actor: Actor, *, purpose: str = REASON, what: str = "p8") -> bytes:
    row = RevealRequest.objects.get(pk=asked.pk)
    return Credential.objects.get(pk=asked.credential_id).reveal(actor, purpose, what=what, request=row)


def test_without_approval_nothing_opens(cast: Cast, credential: Credential, owner: Actor) -> None:
    require_approval(cast)
    with pytest.raises(ApprovalNeededError, match="second owner"):
        reloaded(credential).reveal(owner, "test")
    assert reloaded(credential).reveal(SYSTEM, "sync") == SECRET


def test_the_rule_of_the_root_counts_below_it(cast: Cast, owner: Actor) -> None:
    below = store(cast.sub_a)
    require_approval(cast)
    with pytest.raises(ApprovalNeededError):
        reloaded(below).reveal(owner, "test")


def test_taking_the_rule_away_in_the_database_takes_nothing_away(cast: Cast, owner: Actor) -> None:
    below = store(cast.sub_a)
    require_approval(cast)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organizations_organization SET reveal_needs_approval = %s", [False])
    with pytest.raises((ApprovalNeededError, PermissionDenied)):
        reloaded(below).reveal(owner, "test")


def test_approved_it_opens_once(asked: RevealRequest, owner: Actor, second: User) -> None:
    assert asked.state is State.WAITING
    asked.approve(Actor(user=second))
    assert open_with(asked, owner) == SECRET
    (opened,) = events(Action.CREDENTIAL_REVEALED)
    assert opened.facts["approved_by"] == second.email
    assert opened.facts["purpose"] == REASON
    with pytest.raises(ApprovalNeededError, match="used"):
        open_with(asked, owner)
    steps = [Action.REVEAL_REQUESTED, Action.REVEAL_APPROVED, Action.CREDENTIAL_REVEALED]
    assert [len(events(step)) for step in steps] == [1, 1, 1]


@pytest.mark.parametrize(("purpose", "what"), [("Another reason", "p8"), (REASON, "reveal")])
def test_it_is_for_one_form_and_one_reason(
    asked: RevealRequest, owner: Actor, second: User, purpose: str, what: str
) -> None:
    asked.approve(Actor(user=second))
    with pytest.raises(ApprovalNeededError, match="something else"):
        open_with(asked, owner, purpose=purpose, what=what)
    assert open_with(asked, owner) == SECRET


def test_it_is_for_who_asked_and_for_that_credential(
    cast: Cast, asked: RevealRequest, owner: Actor, second: User
) -> None:
    asked.approve(Actor(user=second))
    with pytest.raises(ApprovalNeededError, match="somebody else's"):
        open_with(asked, Actor(user=second))
    with pytest.raises(ApprovalNeededError, match="another credential"):
        store(cast.root).reveal(owner, REASON, what="p8", request=RevealRequest.objects.get(pk=asked.pk))


def test_nobody_approves_their_own(asked: RevealRequest, owner: Actor) -> None:
    with pytest.raises(RequestEndedError, match="nobody approves"):
        asked.approve(owner)
    with pytest.raises(RequestEndedError):
        asked.approve(SYSTEM)
    assert RevealRequest.objects.get().state is State.WAITING


@pytest.mark.parametrize("name", ["root_viewer", "sub_a_admin", "operator", "outsider"])
def test_who_may_not_reveal_approves_nothing(cast: Cast, asked: RevealRequest, name: str) -> None:
    with pytest.raises(PermissionDenied):
        asked.approve(cast.actor(name))


@pytest.mark.parametrize("first", ["approve", "refuse"])
@pytest.mark.parametrize("then", ["approve", "refuse"])
def test_the_first_decision_stands(asked: RevealRequest, second: User, first: str, then: str) -> None:
    stale = RevealRequest.objects.get(pk=asked.pk)
    getattr(asked, first)(Actor(user=second))
    with pytest.raises(RequestEndedError, match="not open any more"):
        getattr(stale, then)(Actor(user=second))
    wanted = State.APPROVED if first == "approve" else State.REFUSED
    assert RevealRequest.objects.get(pk=asked.pk).state is wanted


@pytest.mark.parametrize(
    ("column", "ago", "approve"),
    [("expires_at", timedelta(0), False), ("approved_at", timedelta(hours=1), True)],
)
def test_its_time_ends(
    asked: RevealRequest, owner: Actor, second: User, column: str, ago: timedelta, approve: bool
) -> None:
    if approve:
        asked.approve(Actor(user=second))
    row = RevealRequest.objects.get(pk=asked.pk)
    setattr(row, column, timezone.now() - ago)
    row.save()
    assert row.state is State.EXPIRED
    with pytest.raises(RequestEndedError, match="expired"):
        row.approve(Actor(user=second))
    with pytest.raises(ApprovalNeededError, match="expired"):
        open_with(asked, owner)


def test_a_replaced_secret_voids_it(asked: RevealRequest, owner: Actor, second: User) -> None:
    asked.approve(Actor(user=second))
    Credential.objects.get().replace_secret(SYSTEM, b"another", {})
    with pytest.raises(ApprovalNeededError, match="replaced since"):
        open_with(asked, owner)
    assert RevealRequest.objects.get().state is State.VOID


def test_asking_for_something_else_replaces_it(asked: RevealRequest, owner: Actor, second: User) -> None:
    asked.approve(Actor(user=second))
    RevealRequest.ask(owner, Credential.objects.get(), what="reveal", reason="Another reason")
    assert RevealRequest.objects.get(pk=asked.pk).state is State.WITHDRAWN
    with pytest.raises(ApprovalNeededError, match="replaced"):
        open_with(asked, owner)


def test_so_does_one_that_was_approved_late(asked: RevealRequest, owner: Actor, second: User) -> None:
    asked.approve(Actor(user=second))
    row = RevealRequest.objects.get(pk=asked.pk)
    row.expires_at = timezone.now()
    row.save()
    assert row.state is State.APPROVED
    RevealRequest.ask(owner, Credential.objects.get(), what="reveal", reason="Another reason")
    assert RevealRequest.objects.get(pk=asked.pk).state is State.WITHDRAWN


def test_an_approver_who_lost_the_role_since_counts_for_nothing(
    cast: Cast, asked: RevealRequest, owner: Actor, second: User
) -> None:
    asked.approve(Actor(user=second))
    cast.root.memberships.get(user=second).change_role(SYSTEM, Role.ADMIN)
    with pytest.raises(ApprovalNeededError, match="may not do that any more"):
        open_with(asked, owner)


def _sql(asked: RevealRequest, **columns: Any) -> None:
    table = RevealRequest._meta
    keys = [table.get_field(name) for name in columns]
    names = ", ".join(f"{key.column} = %s" for key in keys)
    values = [
        key.get_db_prep_save(value, connection) for key, value in zip(keys, columns.values(), strict=True)
    ]
    pk = table.get_field("id").get_db_prep_value(asked.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table.db_table} SET {names} WHERE id = %s", [*values, pk])  # noqa: S608


def test_an_approval_that_was_written_into_the_database_counts_for_nothing(
    asked: RevealRequest, owner: Actor, second: User
) -> None:
    _sql(asked, approved_by=second.pk, approved_at=timezone.now())
    with pytest.raises(ApprovalNeededError, match="void"):
        open_with(asked, owner)
    with pytest.raises(RequestEndedError, match="void"):
        asked.approve(Actor(user=second))


def test_what_was_asked_for_and_then_changed_in_the_database_is_void(
    asked: RevealRequest, owner: Actor, second: User
) -> None:
    asked.approve(Actor(user=second))
    _sql(asked, what="reveal")
    with pytest.raises(ApprovalNeededError, match="void"):
        open_with(asked, owner, what="reveal")


def test_a_used_request_put_back_as_it_was_is_used_all_the_same(
    asked: RevealRequest, owner: Actor, second: User
) -> None:
    asked.approve(Actor(user=second))
    before = RevealRequest.objects.get(pk=asked.pk)
    open_with(asked, owner)
    _sql(asked, used_at=None, guard=before.guard)
    assert RevealRequest.objects.get(pk=asked.pk).is_genuine
    with pytest.raises(ApprovalNeededError, match="was used"):
        open_with(asked, owner)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_open_it_once(asked: RevealRequest, owner: Actor, second: User) -> None:
    asked.approve(Actor(user=second))
    gate, opened, refused = threading.Barrier(4), [], []

    def try_it() -> None:
        try:
            gate.wait()
            opened.append(open_with(asked, Actor(user=owner.user)))
        except ApprovalNeededError:
            refused.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (opened, len(refused)) == ([SECRET], 3)


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_are_one(cast: Cast, asked: RevealRequest, second: User) -> None:
    third = factories.make_user("third.owner@example.com")
    factories.join(third, cast.root, Role.OWNER)
    gate, late = threading.Barrier(2), []

    def decide(user: User) -> None:
        row = RevealRequest.objects.get(pk=asked.pk)
        try:
            gate.wait()
            row.approve(Actor(user=user))
        except RequestEndedError:
            late.append(user)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[user]) for user in (second, third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(late) == 1
    assert len(events(Action.REVEAL_APPROVED)) == 1
