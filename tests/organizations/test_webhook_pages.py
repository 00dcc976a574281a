"""The pages of webhooks: what may be entered, what is shown once, and what goes on record."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from organizations import fresh
from organizations.audit import Action
from organizations.models import AuditEvent, DeliveryState, Webhook, WebhookDelivery
from organizations.models.webhook import MOST
from tests import factories
from tests.conftest import Cast

GOOD = {
    "name": "Builds",
    "url": "https://ci.example.com/hook?key=hush",
    "events": ["sync.failed", "key.refused"],
}


@pytest.fixture
def client(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The root's owner, who has just shown who they are."""
    monkeypatch.setattr(fresh, "is_fresh", lambda *_: True)
    return cast.client("root_owner")


def add(client: Client, cast: Cast, **changed: Any) -> Any:
    return client.post(reverse("add-webhook", args=[cast.root.slug]), {**GOOD, **changed})


def events(action: Action) -> list[dict[str, Any]]:
    return [event.facts for event in AuditEvent.objects.filter(action=action)]


def test_the_secret_is_shown_once_and_kept_sealed(client: Client, cast: Cast) -> None:
    html = add(client, cast).content.decode()
    secret = re.findall(r"whsec_[\w+/=]{40,}", html)[0]
    webhook = Webhook.objects.get()
    assert webhook.signing_secrets() == [secret]
    stored = " ".join(str(value) for value in Webhook.objects.values().get().values())
    assert secret.removeprefix("whsec_") not in stored
    page = client.get(reverse("webhook", args=[cast.root.slug, webhook.pk])).content.decode()
    assert "whsec_" not in page
    assert "A sync with Apple failed; Apple refuses an API key" in page
    assert events(Action.WEBHOOK_ADDED) == [{"host": "ci.example.com", "events": "sync.failed key.refused"}]


@pytest.mark.parametrize("url", [
    "http://ci.example.com/", "ftp://ci.example.com/", "https://", "javascript:alert(1)", "https://u:p@ci.example.com/",
    "https://ci.example.com/#x", "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/", "http://localhost/",
    "https://localhost/", "https://a.localhost/", "https://ci.example.com:99999/", "https://ci.example.com/\u202e",
    "https://[bad/", "https://ci.example.com/a b", "https://[fe80::1%25eth0]/",
])  # fmt: skip
def test_addresses_that_are_refused(client: Client, cast: Cast, url: str) -> None:
    answer = add(client, cast, url=url)
    assert answer.status_code == 400
    assert "id_url_error" in answer.content.decode()
    assert not Webhook.objects.exists()


def test_hosts_that_the_operator_named_may_be_inside(client: Client, cast: Cast, settings: Settings) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = ["10.0.0.1"]
    assert add(client, cast, url="http://10.0.0.1:8080/hook").status_code == 200


@pytest.mark.parametrize(
    "changed", [{"events": []}, {"events": ["user.created"]}, {"name": "\u200b"}, {"name": ""}]
)
def test_other_mistakes_are_explained(client: Client, cast: Cast, changed: dict[str, Any]) -> None:
    assert add(client, cast, **changed).status_code == 400
    assert not Webhook.objects.exists()


def test_there_are_only_so_many(client: Client, cast: Cast) -> None:
    Webhook.objects.bulk_create(
        Webhook(organization=cast.root, name=f"{n}", url="https://a.example", secret="x") for n in range(MOST)
    )
    answer = add(client, cast)
    assert answer.status_code == 400
    assert "at most 20" in answer.content.decode()


def test_changes_are_on_record(client: Client, cast: Cast) -> None:
    add(client, cast)
    webhook = Webhook.objects.get()
    at = [cast.root.slug, webhook.pk]
    assert (
        'value="https://ci.example.com/hook?key=hush"'
        in client.get(reverse("change-webhook", args=at)).content.decode()
    )
    client.post(
        reverse("change-webhook", args=at),
        {**GOOD, "url": "https://other.example/", "events": ["sync.failed"]},
    )
    answer = client.post(reverse("replace-webhook-secret", args=at)).content.decode()
    webhook.refresh_from_db()
    assert (webhook.host, webhook.events) == ("other.example", ["sync.failed"])
    assert re.findall(r"whsec_[\w+/=]{40,}", answer) == webhook.signing_secrets()[:1]
    client.post(reverse("turn-webhook", args=at), {"on": "no"})
    webhook.refresh_from_db()
    assert not webhook.is_on
    client.post(reverse("test-webhook", args=at))
    assert not WebhookDelivery.objects.exists()
    client.post(reverse("turn-webhook", args=at), {"on": "yes"})
    client.post(reverse("test-webhook", args=at))
    assert WebhookDelivery.objects.get().event == "webhook.test"
    client.post(reverse("delete-webhook", args=at))
    assert not Webhook.objects.exists()
    assert events(Action.WEBHOOK_CHANGED) == [{"host": "other.example", "events": "sync.failed"}]
    turned = sorted(facts["now"] for facts in events(Action.WEBHOOK_TURNED))
    assert turned == ["off", "on"]
    assert len(events(Action.WEBHOOK_SECRET_REPLACED)) == len(events(Action.WEBHOOK_DELETED)) == 1
    assert "hush" not in str(list(AuditEvent.objects.values_list("facts", flat=True)))


def test_a_delivery_is_shown_as_text_and_sent_again(client: Client, cast: Cast) -> None:
    delivery = factories.make_delivery(cast.root)
    WebhookDelivery.objects.update(
        state=DeliveryState.FAILED, attempts=8, status=500, note="<script>alert(1)</script>",
        attempted_at=delivery.created_at, milliseconds=7,
    )  # fmt: skip
    page = reverse("webhook", args=[cast.root.slug, delivery.webhook_id])
    html = client.get(page).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "Given up" in html
    assert delivery.message_id in html
    assert (
        client.post(reverse("deliver-again", args=[cast.root.slug, delivery.pk])).headers["Location"] == page
    )
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 0)
