"""A form that is sent again, after what it ordered is done: nothing is ordered twice."""

import re

import pytest
from django.test import Client

from appstore.changes.ordering import order
from appstore.models import AppStoreConnectKey, BundleId, Certificate, SyncRun
from organizations.actors import SYSTEM
from tests import factories
from tests.appstore.apple import Apple, work
from tests.appstore.changing import address, sent, text
from tests.appstore.side_by_side import side_by_side
from tests.conftest import Cast

PAGE = address("create-certificate")


@pytest.fixture
def key(synced_key: AppStoreConnectKey) -> AppStoreConnectKey:
    return synced_key


def ticket(answer: object) -> str:
    (found,) = re.findall(r'name="ticket" value="([^"]+)"', text(answer))  # type: ignore[arg-type]
    return str(found)


def test_back_and_submit_makes_no_second_certificate(
    owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    form = {"certificate_type": "DEVELOPMENT", "ticket": ticket(owner.get(PAGE))}
    run = sent(owner, PAGE, key, **form)
    assert run.state == "SUCCEEDED"
    made = len(apple.ids("certificates"))
    again = owner.post(PAGE, {"key": str(key.pk), **form}, follow=True)
    assert again.redirect_chain == [(address("sync", run.pk), 302)]
    assert "sent before" in text(again)
    work()
    assert len(apple.ids("certificates")) == made
    # another choice, or the form asked for anew, is another order
    for change in ({"certificate_type": "DISTRIBUTION"}, {"ticket": ticket(owner.get(PAGE))}):
        owner.post(PAGE, {"key": str(key.pk), **form, **change})
    assert SyncRun.objects.filter(kind="CHANGE", state="QUEUED").count() == 2


def test_a_profiles_ticket_goes_on_through_the_preview(owner: Client, key: AppStoreConnectKey) -> None:
    page = f"{address('create-profile')}?key={key.pk}&profile_type=IOS_APP_STORE"
    first = {
        "bundle_id": str(BundleId.objects.all()[0].pk),
        "certificates": str(Certificate.objects.get(certificate_type="IOS_DISTRIBUTION").pk),
        "name": "Once",
        "ticket": ticket(owner.get(page)),
    }
    preview = text(owner.post(page, first))
    assert f'<input type="hidden" name="ticket" value="{first["ticket"]}">' in preview
    run = sent(owner, page, key, **first, confirm="1")
    again = owner.post(page, {"key": str(key.pk), **first, "confirm": "1"})  # though the name is taken now
    assert again["Location"] == address("sync", run.pk)


def test_a_renewal_that_is_sent_again_renews_nothing(
    owner: Client, apple: Apple, key: AppStoreConnectKey
) -> None:
    """Though its profiles hold the new certificate by now, so that the same form would mean other steps."""
    old = Certificate.objects.get(certificate_type="IOS_DISTRIBUTION")
    page = address("renew-certificate", old.pk)
    form = {"ticket": ticket(owner.get(page)), "revoke": "on"}
    run = sent(owner, page, key, **form)
    assert run.state == "SUCCEEDED"
    made = apple.ids("certificates")
    assert owner.post(page, {"key": str(key.pk), **form})["Location"] == address("sync", run.pk)
    assert not SyncRun.objects.filter(kind="CHANGE").exclude(pk=run.pk).exists()
    assert apple.ids("certificates") == made


def test_a_ticket_is_no_more_than_a_random_number(owner: Client, cast: Cast) -> None:
    key = factories.make_key(cast.root)
    for given in ("", "x", "\x00", "{}", "1' OR 1=1"):
        answer = owner.post(PAGE, {"key": str(key.pk), "certificate_type": "DISTRIBUTION", "ticket": given})
        assert answer.status_code == 302
    (run,) = SyncRun.objects.filter(kind="CHANGE")  # joined, as it has not ended
    assert run.order["ticket"] == ""


def test_one_ticket_is_nothing_to_another_team(cast: Cast) -> None:
    mine, theirs = factories.make_key(cast.root), factories.make_key(cast.other)
    assert mine.team is not None
    assert theirs.team is not None
    steps = [{"do": "create-certificate", "certificate_type": "DISTRIBUTION"}]
    first = order(SYSTEM, mine.team, "A", steps, ticket="the same")
    assert order(SYSTEM, theirs.team, "A", steps, ticket="the same") != first
    SyncRun.objects.filter(pk=first.pk).update(state="FAILED")
    assert order(SYSTEM, mine.team, "A", steps, ticket="the same") == first


@pytest.mark.django_db(transaction=True)
def test_many_workers_that_get_the_same_form_order_once() -> None:
    """Even where what was ordered has ended before the others look."""
    team = factories.make_key(factories.make_root("Acme")).team
    assert team is not None
    steps = [{"do": "create-certificate", "certificate_type": "DISTRIBUTION"}]

    def send() -> object:
        run = order(SYSTEM, team, "A", steps, ticket="the same")
        SyncRun.objects.filter(pk=run.pk).update(state="FAILED")
        return run.pk

    assert len(set(side_by_side(4, send))) == 1
