"""Before something expires: apps whose policy allows it are ensured, once a day, until what they sign with lasts."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from appstore.changes.refusals import RefusedError
from appstore.models import App, AppPlatform, Policy
from appstore.signing.assets import assets_of
from appstore.signing.ensure import ensure_signing, plan_for
from appstore.signing.overview import shown_distributions
from appstore.signing.resolve import resolve_signing
from organizations.actors import SYSTEM

SEEN_EVERY = timedelta(days=1)
AT_ONCE = 50

log = structlog.get_logger(__name__)


def renew_what_ends() -> int:
    """Safe to run anywhere and often: each app is looked at by one caller a day. Returns how many runs were ordered."""
    now = timezone.now()
    unseen = Q(renewal_seen_at=None) | Q(renewal_seen_at__lt=now - SEEN_EVERY)
    apps = App.objects.filter(
        unseen, frozen_at=None, policy__in=[each.value for each in Policy if each.writes]
    )
    apps = apps.filter(organization__archived_at=None, organization__parent__archived_at=None)
    apps = apps.exclude(platform=AppPlatform.ANDROID).order_by(F("renewal_seen_at").asc(nulls_first=True))
    ordered = 0
    for app in apps.select_related("organization__parent")[:AT_ONCE]:
        seen = App.objects.filter(pk=app.pk, renewal_seen_at=app.renewal_seen_at)
        if seen.update(renewal_seen_at=now):
            ordered += _renew(app)
    return ordered


def _renew(app: App) -> int:
    """Distributions that it signs for, with what ends within the window. What is missing is nobody's wish yet."""
    lasts, ordered = timedelta(days=settings.SIGNING_RENEWAL_DAYS), 0
    assets = assets_of(SYSTEM, app)
    for distribution in shown_distributions(assets):
        signing = resolve_signing(SYSTEM, app, distribution, app.bundle_ids, assets=assets)
        if not signing.profile.profile or signing.ends is None or signing.ends > timezone.now() + lasts:
            continue
        try:
            if plan_for(SYSTEM, app, distribution, lasts).steps:
                ensure_signing(SYSTEM, app, distribution, lasts=lasts)
                ordered += 1
        except RefusedError as error:  # a person's turn; the page of the app says the same
            log.info("signing_not_renewed", row=str(app.pk), about=distribution, code=error.code)
    return ordered
