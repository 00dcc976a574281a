"""Tokens that end soon are told of, and what has served its time is tidied away."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from appstore import poller
from organizations import tidying, token_warnings
from organizations.models import Allowance, ApiToken, AuditEvent, UsedAssertion
from tests import factories
from tests.conftest import Cast
from tests.organizations.test_api_tokens import issue

DAY = timedelta(days=1)


def events() -> int:
    return AuditEvent.objects.filter(action="token:ending").count()


def test_two_weeks_and_three_days_before(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _text = issue(cast)
    start = token.expires_at - 90 * DAY
    told = []
    for day in (0, 75, 76.5, 80, 87.5, 89, 91):
        moment = start + day * DAY
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        told.append(token_warnings.warn() + token_warnings.warn())
    assert told == [0, 0, 1, 0, 1, 0, 0]
    assert events() == 2
    assert [message.to for message in mail.outbox] == [[cast.root_owner.email]] * 2
    assert "“CI”" in mail.outbox[0].subject
    assert token.last_four in mail.outbox[0].body


def test_nobody_is_told_of_what_they_made_for_a_week_or_of_what_is_over(cast: Cast) -> None:
    issue(cast, expires_at=timezone.now() + 7 * DAY)
    revoked, _text = issue(cast, expires_at=timezone.now() + 20 * DAY)
    factories.change(ApiToken.objects.filter(pk=revoked.pk), expires_at=timezone.now() + DAY)
    ApiToken.objects.get(pk=revoked.pk).revoke(cast.actor("root_owner"))
    assert token_warnings.warn() == 0
    gone, _text = issue(cast)
    factories.change(ApiToken.objects.filter(pk=gone.pk), expires_at=timezone.now() + DAY)
    cast.root_owner.is_active = False
    cast.root_owner.save()
    assert (token_warnings.warn(), len(mail.outbox)) == (
        1,
        0,
    )  # on record, and told to nobody who is locked out


def test_the_pages_say_it_to_who_can_rotate(cast: Cast) -> None:
    issue(cast, expires_at=timezone.now() + 10 * DAY)
    issue(cast)
    overview = reverse("overview", args=[cast.root.slug])
    assert "1 API token ends within two weeks" in cast.client("root_owner").get(overview).content.decode()
    assert "API token" not in cast.client("root_viewer").get(overview).content.decode()
    page = cast.client("root_owner").get(reverse("tokens", args=[cast.root.slug])).content.decode()
    assert page.count("Ends soon") == 1


def test_a_worker_that_polls_looks_after_them_once_an_hour(cast: Cast) -> None:
    cache.clear()
    for _ in range(2):
        issue(cast, expires_at=timezone.now() + 20 * DAY)
        factories.change(ApiToken.objects.filter(warned_days=None), expires_at=timezone.now() + 10 * DAY)
        poller.tick()
    assert events() == 1


def test_what_is_over_is_tidied_away(db: None) -> None:
    now = timezone.now()
    for digest, ends in (("over", now - DAY), ("counts", now + DAY)):
        UsedAssertion.objects.create(digest=digest, ends_at=ends)
    minute = int(now.timestamp()) // 60
    for name, when in (("old", minute - 2000), ("new", minute)):
        Allowance.objects.create(name=name, minute=when, used=1)
    tidying.tidy()
    assert UsedAssertion.objects.get().digest == "counts"
    assert Allowance.objects.get().name == "new"
