"""The one way out: the event first, then the permission's holder gets the secret, and nobody else."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from credentials import crypto
from credentials.keys.keyring import Keyring
from credentials.models import Credential
from credentials.sharing import share
from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.models import AuditEvent
from organizations.permissions import Role
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import SECRET, overwrite, reloaded, store


def reveals() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=audit.Action.CREDENTIAL_REVEALED))


def nothing_opens(*_args: Any, **_kwargs: Any) -> None:
    pytest.fail("the secret was opened")


def test_the_event_says_who_opened_what_and_why(cast: Cast) -> None:
    credential = store(cast.root)
    actor = Actor(user=cast.root_owner, address="192.0.2.7", request_id="request-1")

    assert credential.reveal(actor, purpose="download for CI") == SECRET

    (event,) = reveals()
    assert event.actor_user == cast.root_owner
    assert (event.address, event.request_id) == ("192.0.2.7", "request-1")
    assert (event.organization, event.subject_id) == (cast.root, str(credential.pk))
    assert event.facts == {"purpose": "download for CI", "kind": "test"}


def test_each_opening_is_an_event_of_its_own(cast: Cast) -> None:
    credential = store(cast.root)
    for _ in range(3):
        credential.reveal(SYSTEM, purpose="sync")
    assert [event.actor_label for event in reveals()] == ["CredHub"] * 3


def test_the_event_is_stored_before_the_secret_is_opened(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    credential, unseal = store(cast.root), crypto.unseal

    def opens_what_is_recorded(*args: Any) -> bytes:
        assert len(reveals()) == 1
        return unseal(*args)

    monkeypatch.setattr(crypto, "unseal", opens_what_is_recorded)
    assert credential.reveal(SYSTEM, purpose="sync") == SECRET


def test_what_cannot_be_recorded_is_not_opened(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    credential = store(cast.root)

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr(AuditEvent, "save", broken)
    monkeypatch.setattr(crypto, "unseal", nothing_opens)
    monkeypatch.setattr(Keyring, "unwrap", nothing_opens)
    with pytest.raises(RuntimeError, match="the log is full"):
        credential.reveal(SYSTEM, purpose="sync")


@pytest.mark.django_db(transaction=True)
def test_a_transaction_around_it_is_refused_because_its_rollback_would_unwrite_the_event(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = store(cast.root)
    monkeypatch.setattr(crypto, "unseal", nothing_opens)

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        credential.reveal(SYSTEM, purpose="sync")
    assert reveals() == []


def test_a_secret_that_does_not_open_is_recorded_all_the_same(cast: Cast) -> None:
    credential = store(cast.root)
    overwrite(credential, secret=b"corrupt")

    with pytest.raises(crypto.SealError):
        reloaded(credential).reveal(SYSTEM, purpose="sync")
    assert len(reveals()) == 1


@pytest.mark.parametrize(
    ("owner", "may"),
    [("root", {"root_owner"}), ("sub_a", {"root_owner"}), ("sub_b", {"root_owner"}), ("other", {"outsider"})],
)
def test_only_owners_of_the_organization_or_of_its_root_open(cast: Cast, owner: str, may: set[str]) -> None:
    credential = store(getattr(cast, owner))
    for name in may:
        assert credential.reveal(cast.actor(name), purpose="test") == SECRET
    for name in set(Cast.MEMBERS) - may:
        with pytest.raises(PermissionDenied, match="Reveal and download secrets"):
            credential.reveal(cast.actor(name), purpose="test")
    assert {event.actor_label for event in reveals()} == {cast.actor(name).label for name in may}


@pytest.mark.parametrize("role", Role)
def test_the_role_decides(cast: Cast, role: Role) -> None:
    credential = store(cast.root)
    person = factories.make_user("somebody@example.com")
    factories.join(person, cast.root, role)

    if role == Role.OWNER:
        assert credential.reveal(Actor(user=person), purpose="test") == SECRET
    else:
        with pytest.raises(PermissionDenied):
            credential.reveal(Actor(user=person), purpose="test")


def test_an_operator_needs_a_membership_like_anybody(cast: Cast) -> None:
    credential = store(cast.root)
    with pytest.raises(PermissionDenied):
        credential.reveal(Actor(user=cast.operator), purpose="test")

    factories.join(cast.operator, cast.root, Role.OWNER)
    assert credential.reveal(Actor(user=cast.operator), purpose="test") == SECRET


@pytest.mark.parametrize("with_all", [True, False])
def test_a_share_gives_use_and_never_the_secret(cast: Cast, with_all: bool) -> None:
    credential = store(cast.root)
    share(SYSTEM, credential, with_all=with_all, chosen=[] if with_all else [cast.sub_a])
    owner = factories.make_user("sub.owner@example.com")
    factories.join(owner, cast.sub_a, Role.OWNER)

    with pytest.raises(PermissionDenied):
        credential.reveal(Actor(user=owner), purpose="test")
    assert reveals() == []


def test_who_left_or_is_nobody_opens_nothing(cast: Cast) -> None:
    credential = store(cast.root)
    cast.root_owner.is_active = False
    cast.root_owner.save()

    for actor in (Actor(user=cast.root_owner), Actor()):
        with pytest.raises(PermissionDenied):
            credential.reveal(actor, purpose="test")


def test_a_refused_person_touches_no_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    credential = store(cast.root)
    monkeypatch.setattr(crypto, "unseal", nothing_opens)
    monkeypatch.setattr(Keyring, "unwrap", nothing_opens)

    with pytest.raises(PermissionDenied):
        credential.reveal(cast.actor("root_viewer"), purpose="test")


def test_a_replaced_secret_is_what_opens(cast: Cast) -> None:
    credential = store(cast.root)
    credential.replace_secret(cast.actor("root_owner"), b"another", facts={})

    assert Credential.objects.get(pk=credential.pk).reveal(SYSTEM, purpose="test") == b"another"
    event = AuditEvent.objects.get(action=audit.Action.CREDENTIAL_REPLACED)
    assert event.actor_user == cast.root_owner
