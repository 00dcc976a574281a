"""What happened, as deliveries for those who asked: written in the transaction in which it happened, sent later.

A webhook is told of its own organization, and a root's of its sub-organizations too, as the activity log has it.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from organizations.webhooks.events import OF_ACTIONS, PUBLIC_FACTS, Event

if TYPE_CHECKING:
    from organizations.models import AuditEvent, Organization, Webhook

Listener = tuple[uuid.UUID, list[str]]
MOST_NAMED = 500  # values that one statement takes for certain
_dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True)
class Happening:
    """`key` makes it one of its kind: a webhook is told once of each. `subject` is type, id and name; `facts` are
    names of PUBLIC_FACTS."""

    event: str
    organization: "Organization"
    subject: tuple[str, str, str]
    facts: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    at: datetime = field(default_factory=timezone.now)
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    def body(self) -> str:
        """What is sent, to the letter: signatures are over it."""
        if unknown := self.facts.keys() - PUBLIC_FACTS:
            raise ValueError(f"Not for webhooks: {', '.join(sorted(unknown))}")
        of_type, pk, name = self.subject
        data: dict[str, Any] = {
            "organization": {
                "id": str(self.organization.pk),
                "slug": self.organization.slug,
                "name": self.organization.name,
            },
            of_type: {"id": pk, "name": name},
            "facts": {name: value for name, value in self.facts.items() if value not in (None, "")},
        }
        if self.by:
            data["by"] = self.by
        return _dump({"type": self.event, "timestamp": self.at.isoformat(), "data": data})


def tell_of(event: "AuditEvent", organization: "Organization | None", *, is_system: bool) -> None:
    """What stands in the log since this moment. That CredHub itself opens a secret, as for each sync, is no news."""
    told = OF_ACTIONS.get(event.action)
    if told is None or organization is None or (is_system and told == Event.CREDENTIAL_REVEALED):
        return
    facts = {name: value for name, value in event.facts.items() if name in PUBLIC_FACTS}
    subject = ("credential", event.subject_id, event.subject_label)
    deliver(
        [Happening(told, organization, subject, facts, event.actor_label, event.created_at, event.pk.hex)]
    )


def tell(happening: Happening) -> None:
    deliver([happening])


def send_to(webhook: "Webhook", happening: Happening) -> None:
    """To this one, whatever it asked for."""
    from organizations.models import WebhookDelivery

    WebhookDelivery.objects.create(
        webhook=webhook, event=happening.event, key=happening.key, body=happening.body()
    )


def anybody_listens() -> bool:
    from organizations.models import Webhook

    return Webhook.objects.filter(stopped_at=None).exists()


def deliver(happenings: Iterable[Happening]) -> None:
    """Two statements, however many there are; one where nobody listens."""
    from organizations.models import WebhookDelivery

    happenings = list(happenings)
    listening = _listening(happenings)
    told = [
        WebhookDelivery(webhook_id=webhook, event=each.event, key=each.key, body=each.body())
        for each in happenings
        for webhook, events in listening.get(each.organization.pk, ())
        if each.event in events
    ]
    if told:
        WebhookDelivery.objects.bulk_create(told, ignore_conflicts=True, batch_size=500)


def _listening(happenings: list[Happening]) -> "dict[uuid.UUID, list[Listener]]":
    """Organization id → the webhooks that are told of it, with what they asked for."""
    from organizations.models import Webhook

    parents = {each.organization.pk: each.organization.parent_id for each in happenings}
    concerned = {*parents, *(parent for parent in parents.values() if parent)}
    rows = Webhook.objects.filter(stopped_at=None).order_by()
    if len(concerned) <= MOST_NAMED:
        rows = rows.filter(organization__in=concerned)
    found: dict[uuid.UUID, list[Listener]] = {}
    for pk, organization, words in rows.values_list("pk", "organization_id", "event_words"):
        found.setdefault(organization, []).append((pk, words.split()))
    if not found:
        return {}
    return {
        pk: found.get(pk, []) + (found.get(parent, []) if parent else []) for pk, parent in parents.items()
    }
