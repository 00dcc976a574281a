"""The audit writer: what it takes, what it keeps, and that nobody changes it afterwards."""

import pytest
from django.db import models, transaction

from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.audit import SAFE_FACTS, SENTENCES, Action
from organizations.models import AuditEvent, Organization
from tests import factories
from tests.conftest import Cast

ACTOR_FACTS = {"address": "192.0.2.1", "request_id": "0b8f6a3e-0000-4000-8000-000000000000"}


@pytest.fixture
def event(cast: Cast) -> AuditEvent:
    return audit.record(SYSTEM, Action.ORGANIZATION_CREATED, cast.root, organization=cast.root)


def test_an_event_says_who_what_when_and_from_where(cast: Cast) -> None:
    actor = Actor(user=cast.root_owner, **ACTOR_FACTS)
    made = audit.record(
        actor, Action.ORGANIZATION_RENAMED, cast.sub_a, organization=cast.root, was="A", now="B"
    )
    event = AuditEvent.objects.get(pk=made.pk)
    assert (event.actor_user, event.actor_label) == (cast.root_owner, "root.owner@example.com")
    assert (event.address, event.request_id) == (ACTOR_FACTS["address"], ACTOR_FACTS["request_id"])
    assert (event.subject_type, event.subject_id, event.subject_label) == (
        "organization", str(cast.sub_a.pk), "Acme Games",
    )  # fmt: skip
    assert event.organization == cast.root
    assert event.facts == {"was": "A", "now": "B"}
    assert event.created_at is not None


def test_what_credhub_does_itself_is_told_as_such(event: AuditEvent) -> None:
    assert (event.actor_user_id, event.actor_label) == (None, "CredHub")


@pytest.mark.parametrize(
    "fact", ["secret", "private_key", "p8", "pem", "password", "token", "Name", "link", ""]
)
def test_a_fact_that_nobody_allowed_is_refused(cast: Cast, fact: str) -> None:
    before = AuditEvent.objects.count()
    with pytest.raises(ValueError, match="Not an audit fact"):
        audit.record(SYSTEM, Action.ORGANIZATION_CREATED, cast.root, organization=cast.root, **{fact: "x"})
    assert AuditEvent.objects.count() == before


def test_the_allowed_facts_are_these() -> None:
    """A name is added here by somebody who has thought about what it may carry."""
    assert not {"secret", "pem", "p8", "token", "password", "content", "value"} & SAFE_FACTS
    assert all(name == name.lower() for name in SAFE_FACTS)


def test_empty_facts_are_left_out(cast: Cast) -> None:
    made = audit.record(
        SYSTEM,
        Action.CREDENTIAL_SHARED,
        cast.root,
        organization=cast.root,
        was="",
        now=None,
        gained=[],
        outcome=False,
    )
    assert made.facts == {"gained": [], "outcome": False}


def test_a_long_label_is_cut_and_not_refused(cast: Cast) -> None:
    event = audit.record(SYSTEM, Action.CREDENTIAL_CREATED, Organization(name="x" * 1000), organization=None)
    assert event.subject_label == "x" * 254


# Written once


@pytest.mark.parametrize("how", ["save", "delete", "update", "queryset delete", "bulk_update"])
def test_events_are_not_changed(event: AuditEvent, how: str) -> None:
    event.actor_label = "somebody else"
    rows = AuditEvent.objects.filter(pk=event.pk)
    with pytest.raises(TypeError, match="written once"), transaction.atomic():
        {
            "save": event.save,
            "delete": event.delete,
            "update": lambda: rows.update(actor_label="somebody else"),
            "queryset delete": rows.delete,
            "bulk_update": lambda: AuditEvent.objects.bulk_update([event], ["actor_label"]),
        }[how]()
    assert AuditEvent.objects.get(pk=event.pk).actor_label == "CredHub"


def test_events_outlive_the_person(cast: Cast) -> None:
    audit.record(cast.actor("sub_a_admin"), Action.MEMBER_INVITED, cast.sub_a, organization=cast.sub_a)
    person = cast.sub_a_admin.pk
    cast.sub_a_admin.delete()
    event = AuditEvent.objects.get(action="member:invited")
    assert (event.actor_user_id, event.actor_label) == (person, "sub.a.admin@example.com")


def test_an_organization_with_events_is_not_deleted(db: None) -> None:
    alone = factories.make_root("Alone")
    audit.record(SYSTEM, Action.ORGANIZATION_CREATED, alone, organization=alone)
    with pytest.raises(models.ProtectedError):
        alone.delete()


# In words


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_sentence(action: Action) -> None:
    sentence = SENTENCES[action]
    assert sentence
    assert sentence == sentence.strip()
    assert ":" not in sentence
    assert audit.sentence(action.value) == action.label == sentence


def test_no_two_actions_sound_the_same() -> None:
    assert len(set(SENTENCES.values())) == len(Action)


def test_an_action_of_a_newer_version_is_shown_by_its_name() -> None:
    assert audit.sentence("moon:landed") == "moon:landed"
