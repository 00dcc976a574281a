"""Webhooks: an address elsewhere that is told what happens here, in letters that it can tell from forged ones."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import models, transaction
from django.utils import timezone

from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.models.organization import Organization
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet
from organizations.webhooks import sealing, signing

MOST = 20  # of an organization
OVERLAP = timedelta(days=1)  # for which the secret before the newest signs too
GIVE_UP_AFTER = timedelta(days=3)


class TooManyWebhooksError(Exception):
    def __init__(self) -> None:
        super().__init__(f"An organization has at most {MOST} webhooks. Delete one that nobody needs.")


class Webhook(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="webhooks")
    name = models.CharField(max_length=100)
    url = models.CharField("Address", max_length=500)
    event_words = models.CharField(max_length=1000)  # with spaces between them
    # Sealed: they are opened to sign, and shown to nobody after the page that made them
    secret = models.TextField(editable=False)
    earlier_secret = models.TextField(blank=True, editable=False)
    earlier_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # How it goes
    delivered_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    wait_until = models.DateTimeField(null=True, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)
    stopped_because = models.CharField(max_length=200, blank=True, editable=False)

    objects = TenantQuerySet["Webhook"].as_manager()

    class Meta:
        ordering = ["name", "created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def events(self) -> list[str]:
        return self.event_words.split()

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def is_on(self) -> bool:
        return self.stopped_at is None

    # What people do with it

    @classmethod
    def add(
        cls, actor: Actor, organization: Organization, *, name: str, url: str, events: list[str]
    ) -> tuple["Webhook", str]:
        """(row, signing secret). The secret is shown now and never again. Raises PermissionDenied,
        TooManyWebhooksError."""
        actor.require(Permission.TOKEN_MANAGE, organization)
        webhook = cls(
            organization=organization, name=name, url=url, event_words=" ".join(events), created_by=actor.user
        )
        secret = webhook._new_secret()
        with transaction.atomic():
            Organization.objects.select_for_update().get(pk=organization.pk)
            if organization.webhooks.count() >= MOST:
                raise TooManyWebhooksError
            webhook.save(force_insert=True)
            webhook._record(actor, audit.Action.WEBHOOK_ADDED, events=webhook.event_words)
        return webhook, secret

    def change(self, actor: Actor, *, name: str, url: str, events: list[str]) -> None:
        self.name, self.url, self.event_words = name, url, " ".join(events)
        with transaction.atomic():
            self.save(update_fields=["name", "url", "event_words"])
            self._record(actor, audit.Action.WEBHOOK_CHANGED, events=self.event_words)

    def replace_secret(self, actor: Actor) -> str:
        """The new one. What is sent within a day is signed with both, so that receivers change without a gap."""
        self.earlier_secret, self.earlier_until = self.secret, timezone.now() + OVERLAP
        secret = self._new_secret()
        with transaction.atomic():
            self.save(update_fields=["secret", "earlier_secret", "earlier_until"])
            self._record(actor, audit.Action.WEBHOOK_SECRET_REPLACED)
        return secret

    def turn(self, actor: Actor, *, on: bool) -> None:
        """What is not delivered yet goes on where it stopped. While it is off, nothing new is written for it."""
        was, now = ("off", "on") if on else ("on", "off")
        self.stopped_at, self.stopped_because = (None, "") if on else (timezone.now(), "Turned off.")
        self.failing_since = self.wait_until = None
        with transaction.atomic():
            self.save(update_fields=["stopped_at", "stopped_because", "failing_since", "wait_until"])
            self._record(actor, audit.Action.WEBHOOK_TURNED, was=was, now=now)

    def remove(self, actor: Actor) -> None:
        """With its deliveries. The log keeps that it was there."""
        with transaction.atomic():
            self._record(actor, audit.Action.WEBHOOK_DELETED)
            self.delete()

    def _record(self, actor: Actor, action: audit.Action, **facts: Any) -> None:
        # The host alone: paths of receivers are often secrets of their own.
        audit.record(actor, action, self, organization=self.organization, host=self.host, **facts)

    # Secrets

    def _new_secret(self) -> str:
        text = signing.new_secret()
        self.secret = sealing.sealed(text, self.pk)
        return text

    def signing_secrets(self) -> list[str]:
        """The newest first. Raises what `sealing.opened` raises."""
        sealed = [self.secret]
        if self.earlier_until and self.earlier_until > timezone.now():
            sealed.append(self.earlier_secret)
        return [sealing.opened(each, self.pk) for each in sealed]

    # How deliveries go: called with their outcome, inside its transaction

    def went_well(self) -> None:
        type(self).objects.filter(pk=self.pk).update(
            delivered_at=timezone.now(), failing_since=None, wait_until=None
        )

    def went_wrong(self, note: str, *, wait_until: datetime, is_over: bool) -> bool:
        """Leave it alone until then. After days of nothing else, or when the receiver says that it is gone
        (`is_over`), it is stopped. Returns whether it was."""
        now = timezone.now()
        rows = type(self).objects.filter(pk=self.pk, stopped_at=None)
        rows.filter(failing_since=None).update(failing_since=now)
        rows.update(wait_until=wait_until)
        if not is_over:
            rows = rows.filter(failing_since__lt=now - GIVE_UP_AFTER)
        if not rows.update(
            stopped_at=now, stopped_because=f"Deliveries failed. The last answer: {note}"[:200]
        ):
            return False
        self._record(SYSTEM, audit.Action.WEBHOOK_STOPPED)
        return True
