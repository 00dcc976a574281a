"""What is at Apple comes first in lists, and what was made in the place of others is said of those."""

import re

from django.test import Client

from appstore.models import AppStoreConnectKey, Certificate, Profile
from appstore.successors import successors
from tests import factories
from tests.appstore.apple import Apple, work
from tests.appstore.changing import address, sent, text
from tests.conftest import Cast


def test_a_renewal_says_of_each_old_one_what_took_its_place(
    owner: Client, cast: Cast, apple: Apple, django_assert_num_queries: object
) -> None:
    apple.add_profile("IOS_APP_STORE", name="Store", devices=[])
    key: AppStoreConnectKey = apple.upload(cast.root)
    work()
    old = Certificate.objects.get(certificate_type="IOS_DISTRIBUTION")
    run = sent(owner, address("renew-certificate", old.pk), key, revoke="on")
    assert run.state == "SUCCEEDED", run.error_message
    new = Certificate.objects.get(certificate_type="IOS_DISTRIBUTION", gone_at=None)
    gone = [*Profile.objects.exclude(gone_at=None)]
    assert gone
    pairs = {each.name: each.pk for each in Profile.objects.filter(gone_at=None)}
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = successors([*gone, *Profile.objects.none()])
    assert {each.pk: pairs[each.name] for each in gone} == {pk: row.object_id for pk, row in found.items()}
    old.refresh_from_db()
    assert successors([old])[old.pk].object_id == new.pk
    # in the lists: gone ones last, and said to be replaced
    for name, successor in (("certificates", new.pk), ("profiles", pairs["Store"])):
        shown = text(owner.get(address("apple-objects", name)))
        states = re.findall(r'data-label="State"><span class="pill is-\w+">([^<]*)', shown)
        assert states == sorted(states, key=lambda state: state == "Gone at Apple")
        assert "Gone at Apple" in states
        assert f'Replaced by <a href="{address("apple-object", name, successor)}">' in shown
    assert "Replaced by" in text(owner.get(address("apple-object", "certificates", old.pk)))
    assert "Replaced by" not in text(owner.get(address("apple-object", "certificates", new.pk)))


def test_what_merely_went_away_was_not_replaced(
    cast: Cast, owner: Client, apple: Apple, django_assert_num_queries: object
) -> None:
    key = apple.upload(cast.root)
    work()
    profile = Profile.objects.all()[0]
    sent(owner, address("delete-profile", profile.pk), key)
    profile.refresh_from_db()
    assert profile.gone_at is not None
    assert successors([profile]) == {}
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert successors(Profile(team=key.team) for _ in range(3)) == {}


def test_other_lists_keep_gone_ones_last_whatever_they_are_sorted_by(cast: Cast, owner: Client) -> None:
    key = factories.make_key(cast.root)
    things = factories.mirror(key.team, 3)  # type: ignore[arg-type]
    for name in ("devices", "bundle-ids"):
        first = things[name][0]
        first.gone_at = first.team.created_at
        first.save()
        for sort in ("name", "-name"):
            page = owner.get(address("apple-objects", name), {"sort": sort}).context["listing"].page
            assert [each.pk for each in page][-1] == first.pk
