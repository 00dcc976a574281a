"""What a person meets who may open a secret: the switch, the second person, and how many an hour."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from credentials.models.credential import Credential
from credentials.models.reveal_errors import (
    ApprovalNeededError,
    ArchivedError,
    RevealOffError,
    RevealRefusedError,
    TooManyRevealsError,
)
from credentials.models.reveal_request import RevealRequest
from organizations import audit, rates
from organizations.actors import Actor
from organizations.models import AuditEvent, Organization, User

if TYPE_CHECKING:
    from credentials.models.sealed_secret import SealedSecret


def refusal_of(
    credential: "SealedSecret", actor: Actor, purpose: str, what: str, request: RevealRequest | None
) -> RevealRefusedError | None:
    """Why this person does not get the secret, by the rows as they are now; None: they do. In a transaction."""
    # The person's row is the lock, so that many tries at once count one after the other.
    if actor.user is not None:
        User.objects.select_for_update().get(pk=actor.user.pk)
    now = Credential.objects.select_for_update().get(pk=credential.pk)
    if now.is_archived:
        return ArchivedError()
    if not now.reveal_allowed:
        return RevealOffError()
    if actor.token is None and reveals_within_an_hour(actor) >= settings.REVEALS_PER_HOUR:
        return TooManyRevealsError(settings.REVEALS_PER_HOUR, "an hour")
    owner = Organization.objects.select_related("parent").get(pk=now.organization_id)
    if request is not None:
        why = request.locked().why_not(actor, now, purpose=purpose, what=what)
        return ApprovalNeededError(why) if why else None
    return ApprovalNeededError() if owner.approval_is_needed else None


def machine_refusal(actor: Actor) -> RevealRefusedError | None:
    """A machine opens more in an hour than a person, and never many at a time. Outside of any transaction, because
    what is counted stays counted."""
    if actor.token is None:
        return None
    limit = settings.TOKEN_REVEALS_PER_MINUTE
    try:
        rates.spend(f"reveals:{actor.token.counted_as}", limit)
    except rates.TooManyError:
        return TooManyRevealsError(limit, "a minute")
    return None


def reveals_within_an_hour(actor: Actor) -> int:
    since = timezone.now() - timedelta(hours=1)
    opened = AuditEvent.objects.filter(action=str(audit.Action.CREDENTIAL_REVEALED), created_at__gt=since)
    return opened.filter(actor_user=actor.user).count()
