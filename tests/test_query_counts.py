"""No page makes more queries with 1,000 rows of everything than with 10. (The admin has a test of its own.)"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appstore.models import App
from organizations import sessions
from organizations.models import Allowance
from tests import factories
from tests.conftest import Cast
from tests.crowd import Crowd
from tests.machines import API, machine

COLLECTIONS = ("certificates", "profiles", "bundle-ids", "devices")
FEW, MANY = 10, 1000
A_FEW_DOZEN = 32


def pages_of(crowd: Crowd, slug: str) -> dict[str, str]:
    """Every list and every page of one thing, by name."""
    key, things, run = crowd.key.credential.pk, crowd.things, crowd.run
    assert run is not None
    app = App.objects.filter(organization__slug=slug).order_by("identifier")[0]
    plain = (
        "overview",
        "apps",
        "credentials",
        "syncs",
        "drift",
        "activity",
        "usage",
        "members",
        "add-app-store-connect-key",
        "imports",
    )
    return {
        **{name: reverse(name, args=[slug]) for name in plain},
        "credentials, second page": reverse("credentials", args=[slug]) + "?page=2",
        "credentials, searched": reverse("credentials", args=[slug]) + "?q=key&status=REFUSED&sort=-status",
        "credentials, archived": reverse("credentials", args=[slug]) + "?archived=1",
        **{name: reverse("apple-objects", args=[slug, name]) for name in COLLECTIONS},
        "profiles, searched": reverse("apple-objects", args=[slug, "profiles"])
        + "?q=profile&state=valid&sort=-expires",
        **{
            f"one of {name}": reverse("apple-object", args=[slug, name, things[name].pk])
            for name in COLLECTIONS
        },
        "app": reverse("app", args=[slug, app.pk]),
        "key": reverse("credential", args=[slug, key]),
        "key's usage": reverse("credential-usage", args=[slug, key]),
        "key's progress": reverse("key-progress", args=[slug, key]),
        "sync": reverse("sync", args=[slug, run.pk]),
    }


def pages_of_the_root(crowd: Crowd) -> dict[str, str]:
    slug, key = crowd.root.slug, crowd.key.credential.pk
    return {
        **pages_of(crowd, slug),
        "sub-organizations": reverse("sub-organizations", args=[slug]),
        "settings": reverse("organization-settings", args=[slug]),
        "approvals": reverse("approvals", args=[slug]),
        "archive a sub-organization": reverse("archive-sub-organization", args=[slug, crowd.sub.pk]),
        "share": reverse("share-credential", args=[slug, key]),
        "rename": reverse("rename-credential", args=[slug, key]),
        "archive": reverse("archive-credential", args=[slug, key]),
        "replace": reverse("replace-credential", args=[slug, key]),
    }


def addresses_of_the_api(crowd: Crowd) -> dict[str, str]:
    run = crowd.run
    assert run is not None
    plain = (
        "organization",
        "members",
        "tokens",
        "activity",
        "credentials",
        "app-store-connect-keys",
        "syncs",
        "apps",
    )
    key = crowd.key.credential_id
    app = App.objects.filter(organization=crowd.root).order_by("identifier")[0]
    return {
        **{name: f"{API}/{name}" for name in (*plain, *COLLECTIONS)},
        **{f"one of {name}": f"{API}/{name}/{crowd.things[name].pk}" for name in COLLECTIONS},
        "credential": f"{API}/credentials/{key}",
        "shares": f"{API}/credentials/{key}/shares",
        "key": f"{API}/app-store-connect-keys/{key}",
        "sync": f"{API}/syncs/{run.pk}",
        "app": f"{API}/apps/{app.pk}",
    }


VIEWERS: dict[str, Callable[[Crowd], dict[str, str]]] = {
    "token": addresses_of_the_api,
    "root_owner": pages_of_the_root,
    "sub_a_admin": lambda crowd: {
        **pages_of(crowd, crowd.sub.slug),
        "export": reverse("export", args=[crowd.sub.slug]),  # owners are sent to show who they are first
    },
}


@pytest.fixture
def crowd(cast: Cast) -> Crowd:
    key, own_key = factories.make_key(cast.root, name="Shared key"), factories.make_key(cast.sub_a)
    key.credential.shared_with_all = True
    key.credential.save()
    return Crowd(cast.root, cast.sub_a, key, own_key)


def queries(client: Client, pages: dict[str, str]) -> dict[str, list[str]]:
    """Page → the statements that it needs."""
    needed = {}
    for name, address in pages.items():
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, (name, answer.status_code)
        statements = [query["sql"] for query in captured.captured_queries]
        # What a machine may still ask for is looked up once a minute, and once in so many requests
        needed[name] = [each for each in statements if Allowance._meta.db_table not in each]
    return needed


def test_a_thousand_rows_need_no_more_queries_than_ten(
    cast: Cast, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SEEN_EVERY", timedelta(days=1))  # noted once a minute, wherever that falls
    crowd.grow(FEW)
    clients = {name: machine(cast, cast.root) if name == "token" else cast.client(name) for name in VIEWERS}
    pages = {name: pages_of_viewer(crowd) for name, pages_of_viewer in VIEWERS.items()}
    for client in clients.values():
        client.get(reverse("sessions"))  # the first page of a session begins its record
    clients["token"].get(f"{API}/organization")  # and a token's first use is on record
    few = {name: queries(clients[name], pages[name]) for name in VIEWERS}
    crowd.grow(MANY - FEW)
    many = {name: queries(clients[name], pages[name]) for name in VIEWERS}

    grew = {
        f"{viewer}: {page}": f"{len(few[viewer][page])} → {len(statements)}"
        for viewer, found in many.items()
        for page, statements in found.items()
        if len(statements) != len(few[viewer][page]) or len(statements) > A_FEW_DOZEN
    }
    assert grew == {}
