"""Usage: which pulls are counted, for whom, and what leaves as CSV."""

import csv
import io
import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.urls import reverse
from django.utils import timezone

from credentials import usage
from credentials.models import Credential
from organizations import audit
from organizations.actors import SYSTEM, Actor
from organizations.audit import Action
from organizations.csv_files import cell
from organizations.models import ApiToken, AuditEvent, Organization
from organizations.permissions import Permission
from tests import factories
from tests.conftest import Cast

NOW = timezone.now()


def pull(
    actor: Actor,
    credential: Credential,
    organization: Organization | None = None,
    *,
    days: int = 0,
    **facts: Any,
) -> None:
    """As if it had been so many days ago."""
    with patch.object(audit.timezone, "now", lambda: NOW - timedelta(days=days)):
        owner = organization or credential.organization
        audit.record(actor, Action.CREDENTIAL_REVEALED, credential, organization=owner, **facts)


def page(cast: Cast, member: str, place: str, route: str = "usage", *args: Any, query: str = "") -> str:
    slug = getattr(cast, place).slug
    answer = cast.client(member).get(reverse(route, args=[slug, *args]) + query)
    assert answer.status_code == 200
    html = answer.getvalue().decode() if answer.streaming else answer.content.decode()
    return html if answer.streaming else re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def pulled(cast: Cast) -> Credential:
    """The root's, shared with sub A: by a person, by a token, by a sub-organization, and by CredHub itself."""
    credential = factories.make_signing_request(cast.root, "Release")
    credential.shared_with_all = True
    credential.save()
    token, _ = ApiToken.issue(SYSTEM, cast.root, name="Nightly", scopes=[Permission.CREDENTIAL_VIEW])
    person = Actor(user=cast.root_owner, address="192.0.2.1")
    pull(person, credential, days=100)
    pull(person, credential, days=60)
    for _ in range(2):
        pull(Actor(token=token, address="198.51.100.7"), credential, days=2, bundle_id="com.acme.app",
             distribution="app-store")  # fmt: skip
    pull(Actor(user=cast.sub_a_admin, address="203.0.113.9"), credential, cast.sub_a, days=1)
    pull(SYSTEM, credential)
    return credential


def test_a_root_counts_its_own_and_its_sub_organizations(cast: Cast, pulled: Credential) -> None:
    events = usage.pulls(cast.actor("root_owner"), cast.root)
    told = usage.tallies(events)
    usage.tell_who(events, told)
    tally = told[str(pulled.pk)]
    assert (tally.month, tally.quarter, tally.last) == (3, 4, NOW - timedelta(days=1))
    assert [times for _, times in tally.people] == [2, 1, 1]
    assert tally.people[0][0].startswith("API token “Nightly”")
    assert dict(tally.addresses) == {"198.51.100.7": 2, "192.0.2.1": 1, "203.0.113.9": 1}
    assert [(app["bundle_id"], app["distribution"], app["times"]) for app in usage.by_app(events)] == [
        ("com.acme.app", "app-store", 2)
    ]


@pytest.mark.parametrize(
    ("member", "place", "quarter"), [("sub_a_admin", "sub_a", 1), ("root_owner", "sub_b", None)]
)
def test_a_sub_organization_sees_its_own_pulls_alone(
    cast: Cast, pulled: Credential, member: str, place: str, quarter: int | None
) -> None:
    tally = usage.tallies(usage.pulls(cast.actor(member), getattr(cast, place))).get(str(pulled.pk))
    assert (tally.quarter if tally else None) == quarter
    html = page(cast, member, place, "credential-usage", pulled.pk)
    assert "Usage of Request of Release" in html
    assert "Nightly" not in html
    assert "root.owner@example.com opened" not in html


def test_the_page_of_one_credential_lists_every_pull(cast: Cast, pulled: Credential) -> None:
    html = page(cast, "root_owner", "root", "credential-usage", pulled.pk)
    assert html.count("opened the secret of it") == 5
    assert "203.0.113.9" in html
    assert "Acme Games" in html


def test_what_nobody_needs_is_listed(cast: Cast, pulled: Credential) -> None:
    old, synced, young = (
        factories.make_signing_request(cast.root, name) for name in ("Old", "Synced", "Young")
    )
    long_ago = NOW - timedelta(days=200)
    Credential.objects.exclude(pk=young.pk).update(created_at=long_ago)
    Credential.objects.filter(pk=synced.pk).update(last_synced_at=NOW - timedelta(days=3))
    pull(cast.actor("root_owner"), old, days=95)
    html = page(cast, "root_owner", "root")
    assert "1 credential not used for 90 days" in html
    html = page(cast, "root_owner", "root", query="?show=unused")
    assert "Request of Old" in html
    assert not {"Request of Synced", "Request of Young", "Request of Release"} & set(
        re.findall(r"Request of \w+", html)
    )


def test_sorting_and_searching(cast: Cast, pulled: Credential) -> None:
    factories.make_signing_request(cast.root, "Spare")
    by_name = [re.findall(r"Request of (\w+)", page(cast, "root_owner", "root", query=f"?sort={sort}"))
               for sort in ("name", "-name", "-quarter", "nonsense")]  # fmt: skip
    assert by_name == [["Release", "Spare"], ["Spare", "Release"], ["Release", "Spare"], ["Release", "Spare"]]
    assert re.findall(r"Request of (\w+)", page(cast, "root_owner", "root", query="?q=SPARE")) == ["Spare"]


def test_the_file_holds_the_pulls_of_its_days_and_is_on_record(cast: Cast, pulled: Credential) -> None:
    pull(Actor(user=cast.root_owner), pulled, days=3, purpose="=HYPERLINK(1)", what="p8")
    first, last = (NOW - timedelta(days=3)).date(), NOW.date()
    text = page(cast, "root_owner", "root", "usage-file", query=f"?first={first}&last={last}")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Organization"] for row in rows] == ["Acme", "Acme", "Acme", "Acme Games"]
    assert rows[0]["Reason"] == "'=HYPERLINK(1)"
    assert (rows[1]["Bundle ID"], rows[1]["From"]) == ("com.acme.app", "198.51.100.7")
    event = AuditEvent.objects.get(action=Action.USAGE_EXPORTED)
    assert event.facts == {"what": f"{first} to {last}"}


@pytest.mark.parametrize("query", ["", "?first=x&last=2027-01-01", "?first=2027-02-01&last=2027-01-01",
                                   "?first=2020-01-01&last=2027-01-01"])  # fmt: skip
def test_days_that_make_no_period_are_explained(cast: Cast, query: str) -> None:
    client = cast.client("root_owner")
    answer = client.get(reverse("usage-file", args=[cast.root.slug]) + query, follow=True)
    assert answer.redirect_chain == [(reverse("usage", args=[cast.root.slug]), 302)]
    assert "message is-" in answer.content.decode()
    assert not AuditEvent.objects.filter(action=Action.USAGE_EXPORTED).exists()


@pytest.mark.parametrize(("text", "safe"), [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(1)", "'@SUM(1)"), ("\t=1", "'\t=1"), ("  =1", "'  =1"),
    ("a\n=1", "a\n'=1"), ("a;=1", "a;'=1"), ("＝1", "'＝1"), ("plain - text", "plain - text"), (None, ""),
    ("a=b", "a=b"),
])  # fmt: skip
def test_no_cell_is_a_formula(text: str | None, safe: str) -> None:
    assert cell(text) == safe
