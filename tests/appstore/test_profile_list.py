"""Uploaded profiles and Apple's in one list: which is which, what narrows and sorts both, and whose keys are here."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from appstore.models import AppStoreConnectKey, Profile
from credentials.sharing import share
from organizations.actors import SYSTEM
from tests import factories
from tests.appstore.changing import address, text
from tests.conftest import Cast

PAGE = address("apple-objects", "profiles")
AN_UPPER_UUID = "ABCDEF12-2222-3333-4444-555555555555"


@pytest.fixture
def key(cast: Cast) -> AppStoreConnectKey:
    return factories.make_key(cast.root)


@pytest.fixture
def both(cast: Cast, key: AppStoreConnectKey) -> Client:
    """Apple lists Alpha, Gamma and one that is gone; Gamma was uploaded, too, and so was Beta."""
    team = key.team
    assert team is not None
    team.learn("TEAM567890", "Acme Inc.")
    alpha, gamma, gone = factories.mirror(team, 3)["profiles"]
    soon = timezone.now() + timedelta(days=9)
    Profile.objects.filter(pk=alpha.pk).update(name="alpha", profile_type="IOS_APP_STORE")
    Profile.objects.filter(pk=gamma.pk).update(name="Gamma", uuid=AN_UPPER_UUID, expiration_date=soon)
    Profile.objects.filter(pk=gone.pk).update(name="Aaa", gone_at=timezone.now())
    factories.make_uploaded_profile(cast.root, "Beta", days=50)
    factories.make_uploaded_profile(cast.root, "Gamma of the team", uuid=AN_UPPER_UUID)
    return cast.client("root_owner")


def names(client: Client, query: str = "", page: str = PAGE) -> list[str]:
    """Of the rows, with where they come from."""
    shown = text(client.get(page + query))
    rows = re.findall(r'data-label="Name"><a[^>]*>(.*?)</a>.*?data-label="From">(.*?)</td>', shown, re.S)
    return [f"{name}: {' '.join(re.findall(r'Apple|Uploaded', source))}" for name, source in rows]


LISTS = {
    "": ["alpha: Apple", "Beta: Uploaded", "Gamma: Apple Uploaded", "Aaa: Apple"],
    "?sort=-name": ["Gamma: Apple Uploaded", "Beta: Uploaded", "alpha: Apple", "Aaa: Apple"],
    "?sort=expires": ["Gamma: Apple Uploaded", "Beta: Uploaded", "alpha: Apple", "Aaa: Apple"],
    "?source=apple": ["alpha: Apple", "Gamma: Apple Uploaded", "Aaa: Apple"],
    "?source=uploaded": ["Beta: Uploaded", "Gamma: Apple Uploaded"],
    "?source=both": ["Gamma: Apple Uploaded"],
    "?q=com.example.uploaded": ["Beta: Uploaded"],
    f"?q={AN_UPPER_UUID.lower()[:8]}": ["Gamma: Apple Uploaded"],
    "?type=IOS_APP_STORE": ["alpha: Apple"],
    "?type=IOS_APP_ADHOC": ["Beta: Uploaded", "Gamma: Apple Uploaded", "Aaa: Apple"],
    "?state=gone": ["Aaa: Apple"],
    "?state=expiring": ["Gamma: Apple Uploaded"],
    "?state=valid": ["alpha: Apple", "Beta: Uploaded", "Gamma: Apple Uploaded"],
}


def test_both_are_narrowed_and_sorted_as_one(both: Client) -> None:
    assert {query: names(both, query) for query in LISTS} == LISTS


def test_the_team_of_a_file_is_known_by_its_team_id(
    both: Client, cast: Cast, key: AppStoreConnectKey
) -> None:
    factories.make_uploaded_profile(cast.root, "Of others", team_id="OTHERS1234")
    assert "Beta: Uploaded" in names(both, f"?team={key.team_id}")
    assert "Of others: Uploaded" not in names(both, f"?team={key.team_id}")


def test_pages_go_over_both_and_need_the_same_queries(cast: Cast, key: AppStoreConnectKey) -> None:
    assert key.team is not None
    client = cast.client("root_owner")
    factories.make_uploaded_profile(cast.root, "Profile 0")
    factories.mirror(key.team, 2)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        assert len(names(client)) == 3
    for number in range(5):
        factories.make_uploaded_profile(cast.root, f"Profile of ours {number}")
    factories.mirror(key.team, 98)
    with CaptureQueriesContext(connection) as many:
        first = names(client)
    assert len(many) == len(few)
    pages = [*first, *names(client, "?page=2"), *names(client, "?page=3")]
    assert len(pages) == len(set(pages)) == 106
    assert pages == sorted(pages, key=lambda row: row.partition(":")[0].lower())


def test_the_private_keys_of_all_its_certificates_are_counted(
    both: Client, cast: Cast, key: AppStoreConnectKey
) -> None:
    here, not_here, over = "a" * 64, "b" * 64, "c" * 64
    for digest in (here, over):
        factories.make_identity(cast.root, digest, f"Identity {digest[0]}")
    past = (timezone.now() - timedelta(days=1)).isoformat()
    named = {"certificates": [[here, None], [not_here, None], [over, past]]}
    Profile.objects.filter(name="alpha").update(contents=named)
    Profile.objects.filter(name="Gamma").update(contents={"certificates": [[over, past]]})
    certificate = {"sha256": not_here, "not_after": past}
    factories.make_uploaded_profile(
        cast.root, "Delta", certificate_sha256s=[not_here], certificates=[certificate]
    )
    shown = text(both.get(PAGE))
    marks = dict(
        re.findall(r'cell-title"[^>]*>(.*?)</a>.*?"Private key">(?:<a|<span)[^>]*>(.*?)<', shown, re.S)
    )
    assert marks == {
        "alpha": "2 of 3 here",
        "Beta": "—",
        "Delta": "Not here",
        "Gamma": "Here, expired",
        "Aaa": "Not here",  # Apple's list tells of the certificate, and no file does
    }


def test_a_sub_organization_sees_what_is_shared_and_its_own(cast: Cast, both: Client) -> None:
    shared = factories.make_uploaded_profile(cast.root, "Shared")
    share(SYSTEM, shared, with_all=True, chosen=[])
    factories.make_uploaded_profile(cast.sub_a, "Own")
    page = reverse("apple-objects", args=[cast.sub_a.slug, "profiles"])
    assert names(cast.client("sub_a_developer"), page=page) == ["Own: Uploaded", "Shared: Uploaded"]
    assert "is-root" in text(cast.client("sub_a_developer").get(page))
    other = reverse("apple-objects", args=[cast.sub_b.slug, "profiles"])
    assert names(cast.client("sub_b_developer"), page=other) == ["Shared: Uploaded"]
