"""What has served its time: tokens that CI jobs had for a quarter of an hour, their identity tokens, and counters."""

import time
from datetime import timedelta

from django.utils import timezone

from organizations.models import Allowance, ApiToken, UsedAssertion
from organizations.rates import WINDOW

KEPT = timedelta(days=1)


def tidy() -> None:
    now = timezone.now()
    ApiToken.objects.exclude(policy=None).filter(expires_at__lt=now - KEPT).delete()
    UsedAssertion.objects.filter(ends_at__lt=now).delete()
    Allowance.objects.filter(minute__lt=int(time.time() - KEPT.total_seconds()) // WINDOW).delete()
