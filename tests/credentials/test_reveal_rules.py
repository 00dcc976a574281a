"""What a person meets who may open a secret: the switch, the archive, and how many an hour."""

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import Settings

from credentials import crypto
from credentials.models import Credential, RevealRequest
from credentials.models.reveal_errors import (
    ArchivedError,
    RevealOffError,
    TooManyRevealsError,
)
from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.models import User
from tests.conftest import Cast
from tests.credentials.revealing import REASON, events
from tests.credentials.support import SECRET, overwrite, reloaded

# The switch


def test_off_means_nobody_but_credhub(credential: Credential, owner: Actor) -> None:
    credential.allow_reveal(owner, allowed=False)
    with pytest.raises(RevealOffError, match="nobody sees it"):
        reloaded(credential).reveal(owner, "test")
    assert reloaded(credential).reveal(SYSTEM, "sync") == SECRET
    (refused,) = events(Action.CREDENTIAL_REVEAL_REFUSED)
    assert refused.facts["reason"] == str(RevealOffError())
    assert [event.actor_user for event in events(Action.CREDENTIAL_REVEALED)] == [None]

    credential.allow_reveal(owner, allowed=True)
    assert reloaded(credential).reveal(owner, "test") == SECRET
    assert [event.facts["now"] for event in events(Action.CREDENTIAL_REVEAL_SWITCHED)] == ["allowed", "off"]


def test_it_counts_from_the_moment_at_which_it_was_turned_off(credential: Credential, owner: Actor) -> None:
    loaded_before = reloaded(credential)
    credential.allow_reveal(owner, allowed=False)
    with pytest.raises(RevealOffError):
        loaded_before.reveal(owner, "test")


@pytest.mark.parametrize("name", ["root_viewer", "sub_a_admin", "operator", "outsider"])
def test_only_who_may_reveal_switches_and_asks(cast: Cast, credential: Credential, name: str) -> None:
    with pytest.raises(PermissionDenied):
        credential.allow_reveal(cast.actor(name), allowed=False)
    with pytest.raises(PermissionDenied):
        RevealRequest.ask(cast.actor(name), credential, what="p8", reason=REASON)


def test_turning_it_on_in_the_database_opens_nothing(credential: Credential, owner: Actor) -> None:
    credential.allow_reveal(owner, allowed=False)
    overwrite(credential, reveal_allowed=True)
    with pytest.raises(crypto.SealError, match="changed past CredHub"):
        reloaded(credential).reveal(owner, "test")


def test_an_archived_credential_is_not_opened_by_people(credential: Credential, owner: Actor) -> None:
    credential.archive(SYSTEM)
    with pytest.raises(ArchivedError):
        reloaded(credential).reveal(owner, "test")


# How many


def test_a_person_opens_so_many_an_hour_and_credhub_as_many_as_it_needs(
    cast: Cast, credential: Credential, owner: Actor, second: User, settings: Settings
) -> None:
    settings.REVEALS_PER_HOUR = 2
    for _ in range(2):
        credential.reveal(owner, "test")
    with pytest.raises(TooManyRevealsError, match="2 secrets within an hour"):
        credential.reveal(owner, "test")
    assert len(events(Action.CREDENTIAL_REVEAL_REFUSED)) == 1
    assert credential.reveal(SYSTEM, "sync") == SECRET
    assert credential.reveal(Actor(user=second), "test") == SECRET
