"""The Celery tasks: shells around the domain functions. Their names are forever, since messages carry them."""

import uuid

from celery import shared_task

from organizations import audit_anchors, passwords, tidying
from organizations.webhooks import sending


@shared_task(name="organizations.anchor_audit")
def anchor_audit() -> None:
    audit_anchors.anchor()


@shared_task(name="organizations.send_password_link")
def send_password_link(request_id: str) -> None:
    passwords.send_link(uuid.UUID(request_id))


@shared_task(name="organizations.look_after_tokens")
def look_after_tokens() -> None:
    tidying.look_after_tokens()


@shared_task(name="organizations.send_webhooks")
def send_webhooks() -> None:
    sending.send_due()


@shared_task(name="organizations.purge_webhook_deliveries")
def purge_webhook_deliveries() -> None:
    sending.purge()
