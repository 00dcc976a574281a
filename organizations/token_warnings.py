"""Tokens that end soon: an event, and a message to who made it, two weeks and three days before."""

from datetime import timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from organizations import audit
from organizations.actors import SYSTEM
from organizations.models import ApiToken
from organizations.models.api_token import WARNED_DAYS

AT_ONCE = 500


def warn() -> int:
    """Safe to run anywhere and often: each warning is claimed by one of many. Returns how many there were."""
    told = 0
    for days in sorted(WARNED_DAYS):  # the last one first, which makes the earlier ones needless
        for token in _ending_within(days):
            told += _warn(token, days)
    return told


def _ending_within(days: int) -> list[ApiToken]:
    rows = (
        ApiToken.objects.live().made_by_people().filter(expires_at__lte=timezone.now() + timedelta(days=days))
    )
    unwarned = rows.filter(Q(warned_days=None) | Q(warned_days__gt=days))
    here = unwarned.filter(organization__archived_at=None, organization__parent__archived_at=None)
    return list(here.select_related("organization", "created_by")[:AT_ONCE])


def _warn(token: ApiToken, days: int) -> bool:
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk, warned_days=token.warned_days).update(warned_days=days):
            return False
        ends = token.expires_at.isoformat()
        audit.record(
            SYSTEM, audit.Action.TOKEN_ENDING, token, organization=token.organization, expires_at=ends
        )
    if token.created_by and token.created_by.is_active:
        send_mail(
            subject=f"The API token “{token}” of {token.organization} ends soon",
            message=(
                f"The API token “{token}” (…{token.last_four}) of {token.organization} on CredHub works until "
                f"{token.expires_at:%d %B %Y, %H:%M} UTC.\n\n"
                "If it is still needed, rotate it under API tokens: the old secret works on for as long as you "
                "choose, so that no build fails. If it is not, let it end."
            ),
            from_email=None,
            recipient_list=[token.created_by.email],
            fail_silently=True,  # the pages say it, too
        )
    return True
