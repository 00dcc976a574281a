"""The Celery tasks of this app: shells around domain functions."""

from celery import shared_task

from organizations import audit_anchors


@shared_task(name="organizations.anchor_audit")
def anchor_audit() -> None:
    audit_anchors.anchor()
