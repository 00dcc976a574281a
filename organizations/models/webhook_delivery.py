"""One thing that one webhook is told: what is sent, and how that went. The row is the job."""

import uuid
from datetime import timedelta
from secrets import SystemRandom
from typing import Self

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from organizations.models.webhook import Webhook
from organizations.outgoing import Reply
from organizations.querysets import TenantQuerySet
from organizations.webhooks.events import TEST, Event
from organizations.words import clean

random = SystemRandom()
# After the first try and each further one: eight tries over a day, if nothing else waits for the same receiver
PAUSES = [timedelta(seconds=10), *(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 900))]
MOST_TRIES = len(PAUSES) + 1
LEASE = timedelta(minutes=2)  # longer than a try takes
LONGEST_WAIT = timedelta(minutes=30)  # of everything else for a receiver that fails
KEPT = timedelta(days=30)
GONE = 410


class DeliveryState(models.TextChoices):
    WAITING = "WAITING", "Waiting"
    DELIVERED = "DELIVERED", "Delivered"
    FAILED = "FAILED", "Given up"


class WebhookDeliveryQuerySet(TenantQuerySet["WebhookDelivery"]):
    tenant_path = "webhook__organization"

    def due(self) -> Self:
        now = timezone.now()
        living = Q(webhook__organization__archived_at=None, webhook__organization__parent__archived_at=None)
        rested = Q(webhook__wait_until=None) | Q(webhook__wait_until__lte=now)
        due = self.filter(state=DeliveryState.WAITING, next_attempt_at__lte=now, webhook__stopped_at=None)
        return due.filter(living, rested)


class WebhookDelivery(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    key = models.CharField(max_length=120)  # what makes it one of its kind for the webhook
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    attempted_at = models.DateTimeField(null=True)
    # Of the last try
    status = models.PositiveIntegerField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "webhook deliveries"
        constraints = [models.UniqueConstraint(fields=["webhook", "key"], name="webhook_told_once")]
        indexes = [
            models.Index(fields=["webhook", "-created_at"], name="delivery_by_webhook"),
            models.Index(fields=["next_attempt_at"], condition=Q(state="WAITING"), name="delivery_due"),
            models.Index(fields=["created_at"], name="delivery_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"

    @property
    def message_id(self) -> str:
        """The same in every try: by it a receiver knows what it has had."""
        return f"msg_{self.pk.hex}"

    @property
    def event_label(self) -> str:
        return (
            "A test" if self.event == TEST else Event(self.event).label if self.event in Event else self.event
        )

    @classmethod
    def claim(cls, pk: uuid.UUID) -> "WebhookDelivery | None":
        """Take it for one try. None: somebody else has it. Who dies with it lets it go with the lease."""
        row = cls.objects.select_related("webhook__organization__parent").filter(pk=pk).first()
        if row is None:
            return None
        now = timezone.now()
        mine = cls.objects.filter(
            pk=pk, state=DeliveryState.WAITING, attempts=row.attempts, next_attempt_at=row.next_attempt_at
        )
        if row.next_attempt_at > now or not mine.update(
            attempts=F("attempts") + 1, next_attempt_at=now + LEASE, attempted_at=now
        ):
            return None
        row.attempts, row.next_attempt_at, row.attempted_at = row.attempts + 1, now + LEASE, now
        return row

    def ended(self, reply: Reply, milliseconds: int) -> bool:
        """What came of the claimed try. Returns whether the webhook was stopped for it."""
        is_good = reply.status is not None and 200 <= reply.status < 300
        tries_are_over = self.attempts >= MOST_TRIES
        now = timezone.now()
        pause = now + _pause(self.attempts, reply)
        note = " ".join(clean(" ".join(reply.text.split()), 200).split())
        state = DeliveryState.WAITING
        if is_good or tries_are_over:
            state = DeliveryState.DELIVERED if is_good else DeliveryState.FAILED
        with transaction.atomic():
            mine = WebhookDelivery.objects.filter(
                pk=self.pk,
                state=DeliveryState.WAITING,
                attempts=self.attempts,
                next_attempt_at=self.next_attempt_at,
            )
            if not mine.update(
                state=state, next_attempt_at=pause, status=reply.status, milliseconds=milliseconds, note=note
            ):
                return False  # it took longer than its lease, or somebody asked for it anew
            if is_good:
                self.webhook.went_well()
                return False
            said = str(reply.status) if reply.status is not None else note
            wait = min(pause, now + LONGEST_WAIT)
            return self.webhook.went_wrong(said, wait_until=wait, is_over=reply.status == GONE)

    def again(self) -> None:
        """Send it once more, now: the same message, with tries of its own."""
        now = timezone.now()
        with transaction.atomic():
            WebhookDelivery.objects.filter(pk=self.pk).update(
                state=DeliveryState.WAITING, attempts=0, next_attempt_at=now
            )
            Webhook.objects.filter(pk=self.webhook_id).update(wait_until=None)


def _pause(attempts: int, reply: Reply) -> timedelta:
    """Until the next try: longer each time, a tenth more or less, and no shorter than the receiver asks for."""
    pause = PAUSES[min(attempts, len(PAUSES)) - 1] * random.uniform(0.9, 1.1)
    if reply.retry_after.isascii() and reply.retry_after.isdecimal():
        pause = max(pause, min(timedelta(seconds=int(reply.retry_after[:9])), timedelta(hours=1)))
    return pause
