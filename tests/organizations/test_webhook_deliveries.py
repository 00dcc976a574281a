"""Deliveries: written with what they tell of, sent once, tried again, and given up."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.models import AuditEvent, DeliveryState, Organization, Webhook, WebhookDelivery
from organizations.models.webhook_delivery import KEPT, MOST_TRIES, PAUSES
from organizations.webhooks import outbox, sending
from organizations.webhooks.events import TEST, Event
from organizations.webhooks.outbox import Happening
from tests import factories
from tests.conftest import Cast
from tests.organizations.receiving import Receiver, receiving, signatures

FAILS = (500, {}, b"broken \x00\x1b[31m" + b"x" * 300)


@pytest.fixture(scope="module")
def listener() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def receiver(listener: Receiver, settings: Settings) -> Receiver:
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    listener.got.clear()
    listener.answers.clear()
    return listener


def add(organization: Organization, url: str, *events: str) -> tuple[Webhook, str]:
    chosen = list(events) or [str(each) for each in Event]
    return Webhook.add(SYSTEM, organization, name=f"Hook of {organization}", url=url, events=chosen)


def tell(organization: Organization, key: str = "", event: str = Event.SYNC_FAILED) -> None:
    about = ("team", "1", "Team")
    outbox.tell(Happening(event, organization, about, **({"key": key} if key else {})))


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in receiver.got]


# What is told, and to whom


def test_an_event_of_the_log_arrives_signed(cast: Cast, receiver: Receiver) -> None:
    webhook, secret = add(cast.root, receiver.url)
    actor = Actor(user=cast.root_owner, address="192.0.2.9")
    credential = factories.make_signing_request(cast.root, "Release")
    audit.record(actor, Action.CREDENTIAL_REVEALED, credential, organization=cast.root, kind="csr", what="p8",
                 purpose="For Ada's laptop", bundle_id="com.acme.app")  # fmt: skip
    assert sending.send_due() == 2
    (headers, body), told = receiver.got[1], bodies(receiver)[1]
    assert signatures(secret, headers, body) == [True]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["content-type"] == "application/json"
    assert told["type"] == "credential.revealed"
    assert told["data"] == {
        "organization": {"id": str(cast.root.pk), "slug": cast.root.slug, "name": "Acme"},
        "credential": {"id": str(credential.pk), "name": "Request of Release"},
        "facts": {"kind": "csr", "what": "p8", "bundle_id": "com.acme.app"},
        "by": "root.owner@example.com",
    }
    assert sending.send_due() == 0
    webhook.refresh_from_db()
    assert webhook.delivered_at is not None
    assert {row.state for row in webhook.deliveries.all()} == {DeliveryState.DELIVERED}


def test_who_is_told(cast: Cast) -> None:
    hooks = [add(each, "https://a.example")[0] for each in (cast.root, cast.sub_a, cast.sub_b, cast.other)]
    add(cast.root, "https://b.example", Event.KEY_REFUSED)
    hooks[2].turn(SYSTEM, on=False)
    for organization in (cast.root, cast.sub_a, cast.sub_b):
        tell(organization)
    assert [hook.deliveries.count() for hook in hooks] == [3, 1, 0, 0]
    assert WebhookDelivery.objects.count() == 4


def test_credhub_opening_a_secret_for_itself_is_no_news(cast: Cast) -> None:
    add(cast.root, "https://a.example", Event.CREDENTIAL_REVEALED)
    factories.make_signing_request(cast.root, "Release").reveal(SYSTEM, "sync")
    assert not WebhookDelivery.objects.exists()


def test_what_is_rolled_back_is_told_to_nobody(cast: Cast) -> None:
    add(cast.root, "https://a.example")
    with transaction.atomic():
        credential = factories.make_signing_request(cast.root, "Release")
        assert WebhookDelivery.objects.get().event == "credential.added"
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()
    assert not AuditEvent.objects.filter(subject_id=str(credential.pk)).exists()


def test_one_of_its_kind_is_told_once(cast: Cast) -> None:
    add(cast.root, "https://a.example")
    for key in ("a", "a", "b"):
        tell(cast.root, key)
    assert WebhookDelivery.objects.count() == 2


def test_facts_that_are_not_public_are_refused(cast: Cast) -> None:
    with pytest.raises(ValueError, match="purpose"):
        Happening(Event.SYNC_FAILED, cast.root, ("team", "1", "T"), {"purpose": "x"}).body()


# How it is sent


def later(webhook: Webhook) -> None:
    """As if every pause were over."""
    past = timezone.now() - timedelta(seconds=1)
    WebhookDelivery.objects.filter(webhook=webhook).update(next_attempt_at=past)
    Webhook.objects.filter(pk=webhook.pk).update(wait_until=None)


def test_a_failed_try_is_made_again_later_under_the_same_id(cast: Cast, receiver: Receiver) -> None:
    webhook, _ = add(cast.root, receiver.url)
    receiver.answers += [FAILS]
    tell(cast.root)
    assert sending.send_due() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.status) == (DeliveryState.WAITING, 1, 500)
    assert delivery.note.startswith("broken [31mxxx")
    assert len(delivery.note) == 200
    assert 8 < (delivery.next_attempt_at - timezone.now()).total_seconds() < 12
    assert sending.send_due() == 0
    tell(cast.root)
    assert sending.send_due() == 0, "a receiver that fails rests before it gets anything else"
    later(webhook)
    assert sending.send_due() == 2
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert len(ids) == 3
    assert ids.count(ids[0]) == 2
    webhook.refresh_from_db()
    assert webhook.failing_since is None


def test_eight_tries_and_no_more_until_somebody_asks(cast: Cast, receiver: Receiver) -> None:
    webhook, _ = add(cast.root, receiver.url)
    receiver.answers += [FAILS] * MOST_TRIES
    tell(cast.root)
    for _ in range(MOST_TRIES + 2):
        sending.send_due()
        later(webhook)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, len(receiver.got)) == (DeliveryState.FAILED, 8, 8)
    assert 20 * 3600 < sum(PAUSES, timedelta()).total_seconds() < 28 * 3600
    delivery.again()
    assert sending.send_due() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)


def test_two_schedulers_send_once(cast: Cast) -> None:
    add(cast.root, "https://a.example")
    tell(cast.root)
    row = WebhookDelivery.objects.get()
    mine = WebhookDelivery.claim(row.pk)
    assert mine is not None
    assert WebhookDelivery.claim(row.pk) is None
    WebhookDelivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))  # it died with it
    theirs = WebhookDelivery.claim(row.pk)
    assert theirs is not None
    assert theirs.attempts == 2
    mine.ended(sending.Reply(200, "late"), 1)
    row.refresh_from_db()
    assert row.state == DeliveryState.WAITING, "what came of a lease that was lost counts for nothing"


@pytest.mark.parametrize(("answer", "seconds"), [
    ((429, {"Retry-After": "600"}, b""), 600), ((503, {"Retry-After": "999999999999"}, b""), 3600),
    ((503, {"Retry-After": "soon"}, b""), 10), ((302, {"Location": "http://169.254.169.254/"}, b""), 10),
], ids=["429", "503", "503-soon", "302"])  # fmt: skip
def test_answers_that_are_no_success(cast: Cast, receiver: Receiver, answer: Any, seconds: int) -> None:
    add(cast.root, receiver.url)
    receiver.answers += [answer]
    tell(cast.root)
    sending.send_due()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status) == (DeliveryState.WAITING, answer[0])
    wait = (delivery.next_attempt_at - timezone.now()).total_seconds()
    assert seconds * 0.8 < wait < seconds * 1.2
    assert len(receiver.got) == 1


@pytest.mark.parametrize(("url", "said"), [
    ("https://10.0.0.1/hook", "not public"), ("https://169.254.169.254/latest", "not public"),
    ("https://[::ffff:127.0.0.1]/", "not public"), ("http://198.51.100.1/", "Only https"),
])  # fmt: skip
def test_nothing_is_sent_inwards(cast: Cast, settings: Settings, url: str, said: str) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = []
    webhook, _ = add(cast.root, url)
    tell(cast.root)
    sending.send_due()
    delivery = webhook.deliveries.get()
    assert delivery.status is None
    assert said in delivery.note


def test_after_days_of_failures_it_is_stopped_and_owners_are_told(cast: Cast, receiver: Receiver) -> None:
    webhook, _ = add(cast.root, receiver.url)
    receiver.answers += [FAILS]
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=3, minutes=1))
    tell(cast.root)
    sending.send_due()
    webhook.refresh_from_db()
    assert not webhook.is_on
    assert "500" in webhook.stopped_because
    assert AuditEvent.objects.get(action=Action.WEBHOOK_STOPPED).actor_label == "CredHub"
    assert [(each.to, "was stopped" in each.subject) for each in mail.outbox] == [
        (["root.owner@example.com"], True)
    ]
    later(webhook)
    assert sending.send_due() == 0
    webhook.turn(cast.actor("root_owner"), on=True)
    assert sending.send_due() == 1


def test_a_receiver_that_says_it_is_gone_is_believed(cast: Cast, receiver: Receiver) -> None:
    webhook, _ = add(cast.root, receiver.url)
    receiver.answers += [(410, {}, b"")]
    tell(cast.root)
    sending.send_due()
    webhook.refresh_from_db()
    assert not webhook.is_on


def test_an_archived_organization_is_silent(cast: Cast, receiver: Receiver) -> None:
    add(cast.sub_a, receiver.url)
    tell(cast.sub_a)
    cast.root.archive(SYSTEM)
    assert sending.send_due() == 0
    assert receiver.got == []


def test_for_a_day_both_secrets_sign(cast: Cast, receiver: Receiver) -> None:
    webhook, first = add(cast.root, receiver.url)
    second = webhook.replace_secret(SYSTEM)
    tell(cast.root)
    sending.send_due()
    assert signatures(second, *receiver.got[0]) == [True, False]
    assert signatures(first, *receiver.got[0]) == [False, True]
    Webhook.objects.update(earlier_until=timezone.now())
    tell(cast.root)
    sending.send_due()
    assert signatures(second, *receiver.got[1]) == [True]


def test_a_secret_of_another_row_does_not_open(cast: Cast, receiver: Receiver) -> None:
    webhook, _ = add(cast.root, receiver.url)
    other, secret = add(cast.other, receiver.url)
    assert secret not in other.secret
    Webhook.objects.filter(pk=webhook.pk).update(secret=other.secret)
    tell(cast.root)
    sending.send_due()
    assert receiver.got == []
    assert "does not open" in webhook.deliveries.get().note


def test_old_deliveries_are_forgotten(cast: Cast) -> None:
    add(cast.root, "https://a.example")
    for key in ("old", "young"):
        tell(cast.root, key)
    WebhookDelivery.objects.filter(key="old").update(created_at=timezone.now() - KEPT - timedelta(minutes=1))
    assert sending.purge() == 1
    assert WebhookDelivery.objects.get().key == "young"


def test_a_test_is_a_delivery_whatever_was_chosen(cast: Cast, receiver: Receiver) -> None:
    webhook, _ = add(cast.root, receiver.url, Event.KEY_REFUSED)
    outbox.send_to(webhook, Happening(TEST, cast.root, ("webhook", str(webhook.pk), webhook.name)))
    sending.send_due()
    assert bodies(receiver)[0]["type"] == "webhook.test"
