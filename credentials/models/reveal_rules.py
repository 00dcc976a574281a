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
from organizations import audit
from organizations.actors import Actor
from organizations.models import ApiToken, AuditEvent, Organization, User

if TYPE_CHECKING:
    from credentials.models.sealed_secret import SealedSecret


def refusal_of(
    credential: "SealedSecret", actor: Actor, purpose: str, what: str, request: RevealRequest | None
) -> RevealRefusedError | None:
    """Why this person does not get the secret, by the rows as they are now; None: they do. In a transaction."""
    # The person's or the token's row is the lock, so that many tries at once count one after the other.
    if actor.token is not None:
        ApiToken.objects.select_for_update().get(pk=actor.token.pk)
    if actor.user is not None:
        User.objects.select_for_update().get(pk=actor.user.pk)
    now = Credential.objects.select_for_update().get(pk=credential.pk)
    if now.is_archived:
        return ArchivedError()
    if not now.reveal_allowed:
        return RevealOffError()
    if reveals_within_an_hour(actor) >= settings.REVEALS_PER_HOUR:
        return TooManyRevealsError(settings.REVEALS_PER_HOUR)
    owner = Organization.objects.select_related("parent").get(pk=now.organization_id)
    if request is not None:
        why = request.locked().why_not(actor, now, purpose=purpose, what=what)
        return ApprovalNeededError(why) if why else None
    return ApprovalNeededError() if owner.approval_is_needed else None


def reveals_within_an_hour(actor: Actor) -> int:
    since = timezone.now() - timedelta(hours=1)
    opened = AuditEvent.objects.filter(action=str(audit.Action.CREDENTIAL_REVEALED), created_at__gt=since)
    if actor.token:
        here = opened.filter(organization=actor.token.organization_id, actor_user=None)
        return here.filter(actor_label=actor.label).count()
    return opened.filter(actor_user=actor.user).count()
