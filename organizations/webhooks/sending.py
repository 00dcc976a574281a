"""Sends what is due. Called by the clock wherever it ticks; two at once send each message once."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.core.mail import send_mail
from django.db.models import Min
from django.utils import timezone

from organizations.models import Membership, Webhook, WebhookDelivery
from organizations.models.webhook_delivery import KEPT
from organizations.outgoing import Reply, post
from organizations.permissions import Role
from organizations.webhooks import signing

AT_ONCE = 8  # receivers
SECONDS = 25.0  # after which the next tick goes on
TIMEOUT = (5.0, 10.0)
PURGED_AT_ONCE = 5000

log = structlog.get_logger(__name__)
_one = threading.Lock()  # of a process: receivers that hang take one of its threads, and not all


def send_due() -> int:
    """Returns how many tries were made."""
    if not _one.acquire(blocking=False):
        return 0
    try:
        tried, until = 0, time.monotonic() + SECONDS
        while time.monotonic() < until and (claimed := _claim()):
            _send(claimed)
            tried += len(claimed)
        return tried
    finally:
        _one.release()


def _claim() -> list[WebhookDelivery]:
    """The oldest one that is due of each webhook, of those that wait longest."""
    due = WebhookDelivery.objects.due().order_by()
    webhooks = due.values("webhook_id").annotate(first=Min("next_attempt_at")).order_by("first")[:AT_ONCE]
    claimed = []
    for webhook in webhooks:
        rows = due.filter(webhook=webhook["webhook_id"]).order_by("next_attempt_at", "created_at")
        pk: uuid.UUID | None = rows.values_list("pk", flat=True).first()
        if pk is not None and (delivery := WebhookDelivery.claim(pk)):
            claimed.append(delivery)
    return claimed


def _send(claimed: list[WebhookDelivery]) -> None:
    """Side by side; the database is only asked from here."""
    letters = [_letter(delivery) for delivery in claimed]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        answers = list(pool.map(_post, letters))
    for delivery, (reply, milliseconds) in zip(claimed, answers, strict=True):
        log.info("webhook_tried", row=str(delivery.pk), status=reply.status, milliseconds=milliseconds)
        if delivery.ended(reply, milliseconds):
            _tell_owners(delivery.webhook)


def _letter(delivery: WebhookDelivery) -> tuple[str, bytes, dict[str, str]] | None:
    body = delivery.body.encode()
    try:
        of_secrets = delivery.webhook.signing_secrets()
    except (
        Exception
    ):  # what guards the secrets is out of reach, or not ours: the tries that are left will tell
        log.exception("webhook_secret_sealed", row=str(delivery.webhook_id))
        return None
    headers = signing.headers(of_secrets, delivery.message_id, int(time.time()), body)
    return delivery.webhook.url, body, headers


def _post(letter: tuple[str, bytes, dict[str, str]] | None) -> tuple[Reply, int]:
    if letter is None:
        return Reply(None, "The signing secret does not open now. The log of the worker says why."), 0
    begun = time.monotonic()
    reply = post(*letter, timeout=TIMEOUT)
    return reply, int((time.monotonic() - begun) * 1000)


def _tell_owners(webhook: Webhook) -> None:
    """A letter: who relies on a webhook does not look here each day."""
    organization = webhook.organization
    owners = Membership.objects.filter(organization=organization, role=Role.OWNER, user__is_active=True)
    if addresses := list(owners.values_list("user__email", flat=True)):
        send_mail(
            subject=f"The webhook “{webhook}” of {organization} was stopped",
            message=(
                f"CredHub stopped the webhook “{webhook}” of {organization}, which leads to {webhook.host}: "
                "nothing could be delivered there for days, or the receiver said that it is gone.\n\n"
                "It can be turned on again on the page “Webhooks”. What waits is delivered then."
            ),
            from_email=None,
            recipient_list=addresses,
            fail_silently=True,
        )


def purge() -> int:
    """Forget old deliveries. What is told once only (see appstore/announcing.py) has a reason of its own by then
    not to be told again. Returns how many."""
    old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT).order_by()
    pks = list(old.values_list("pk", flat=True)[:PURGED_AT_ONCE])
    for start in range(0, len(pks), 500):
        WebhookDelivery.objects.filter(pk__in=pks[start : start + 500]).delete()
    return len(pks)
