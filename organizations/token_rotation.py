"""A new secret for the same token, while the old one still works for a while: no build fails in between."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from organizations import audit, tokens
from organizations.actors import Actor
from organizations.models import ApiToken, EarlierSecret

MOST_OVERLAP_DAYS = 7


class TokenIsOverError(Exception):
    def __init__(self) -> None:
        super().__init__("This token has ended or was revoked. Create a new one.")


def rotate(actor: Actor, token: ApiToken, *, overlap: timedelta, expires_at: datetime) -> str:
    """The new secret, told this once. The token keeps its name and limits, ends anew, and counts from now on for as
    long as who rotated it may do the same: they know the secret.

    Raises PermissionDenied, ScopeAboveOwnError, TokenIsOverError, and ValueError for what no form lets through.
    """
    held = [str(scope) for scope in token.scopes]
    ApiToken.limits(actor, token.organization, held, token.bundle_ids, token.networks)
    now = timezone.now()
    ApiToken.require_end(expires_at, now)
    if not timedelta() <= overlap <= timedelta(days=MOST_OVERLAP_DAYS):
        raise ValueError("The old secret works for at most seven days more.")
    text = tokens.new_token()
    with transaction.atomic():
        row = ApiToken.objects.select_for_update().get(pk=token.pk)
        if not row.is_live or row.policy_id is not None:
            raise TokenIsOverError
        written = list(row.earlier_secrets.filter(ends_at__gt=now))
        for earlier in written:  # there is one old secret at a time
            earlier.ends_at = now
            earlier.save(update_fields=["ends_at"])
        old_ends = min(now + overlap, row.expires_at)
        if overlap:
            written.append(EarlierSecret.objects.create(token=row, digest=row.digest, ends_at=old_ends))
        row.digest, row.last_four = tokens.digest(text), text[-4:]
        row.created_by, row.expires_at = actor.user, expires_at
        row.warned_days = ApiToken.needless_warning(expires_at - now)
        row.save(update_fields=["digest", "last_four", "created_by", "expires_at", "warned_days"])
        audit.record(
            actor,
            audit.Action.TOKEN_ROTATED,
            row,
            organization=row.organization,
            rows=[row, *written],
            expires_at=expires_at.isoformat(),
            old_ends_at=(old_ends if overlap else now).isoformat(),
        )
    return text
