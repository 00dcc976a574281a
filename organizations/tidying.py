"""What the clock does for tokens: warns of those that end, and takes away what has served its time (the tokens that CI
jobs had for a quarter of an hour, their identity tokens, and counters)."""

import time
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from organizations import token_warnings
from organizations.models import Allowance, ApiToken, UsedAssertion
from organizations.rates import WINDOW

KEPT = timedelta(days=1)


def look_after_tokens() -> None:
    token_warnings.warn()
    tidy()


def look_after_tokens_hourly() -> None:
    """For a clock that ticks more often; of many at once, one does it."""
    if cache.add("tokens-looked-after", True, timeout=3600):
        look_after_tokens()


def tidy() -> None:
    now = timezone.now()
    ApiToken.objects.exclude(policy=None).filter(expires_at__lt=now - KEPT).delete()
    UsedAssertion.objects.filter(ends_at__lt=now).delete()
    Allowance.objects.filter(minute__lt=int(time.time() - KEPT.total_seconds()) // WINDOW).delete()
