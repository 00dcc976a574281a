"""Sub-organizations: created, renamed, archived and restored by who manages their root."""

import pytest
from django.test import Client
from django.urls import reverse

from organizations.models import AuditEvent, Organization
from tests import factories
from tests.conftest import Cast


def page(cast: Cast) -> str:
    return reverse("sub-organizations", args=[cast.root.slug])


def do(client: Client, what: str, cast: Cast, sub: Organization) -> None:
    answer = client.post(reverse(f"{what}-sub-organization", args=[cast.root.slug, sub.pk]))
    assert answer["Location"] == page(cast)


def test_creating(cast: Cast) -> None:
    client = cast.client("root_owner")
    assert client.post(page(cast), {"name": " Acme  Health "})["Location"] == page(cast)
    sub = Organization.objects.get(name="Acme Health")
    assert (sub.parent, sub.slug) == (cast.root, "acme-health")
    assert "Acme Health" in client.get(page(cast)).content.decode()
    assert client.get(sub.overview_path()).status_code == 200
    event = AuditEvent.objects.filter(action="organization:created").latest("created_at")
    assert (event.organization, event.subject_label) == (cast.root, "Acme Health")


@pytest.mark.parametrize(("name", "says"), [
    ("", "This field is required."), ("   ", "This field is required."), ("x" * 81, "at most 80 characters"),
    ("acme GAMES", "There is a sub-organization with this name already."),
])  # fmt: skip
def test_a_name_that_does_not_do(cast: Cast, name: str, says: str) -> None:
    before = Organization.objects.count()
    answer = cast.client("root_owner").post(page(cast), {"name": name})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert Organization.objects.count() == before


@pytest.mark.parametrize("which", ["root", "sub_a"])
def test_renaming_keeps_the_address(cast: Cast, which: str) -> None:
    organization = getattr(cast, which)
    address = reverse("organization-settings", args=[organization.slug])
    client = cast.client("root_owner")
    assert client.post(address, {"name": "Renamed"})["Location"] == address
    renamed = Organization.objects.get(pk=organization.pk)
    assert (renamed.name, renamed.slug) == ("Renamed", organization.slug)
    assert "Renamed" in client.get(address).content.decode()
    event = AuditEvent.objects.get(action="organization:renamed")
    assert (event.facts, event.organization) == ({"was": organization.name, "now": "Renamed"}, renamed)


def test_renaming_to_what_another_is_called(cast: Cast) -> None:
    address = reverse("organization-settings", args=[cast.sub_a.slug])
    answer = cast.client("root_owner").post(address, {"name": "acme travel"})
    assert answer.status_code == 400
    assert "There is a sub-organization with this name already." in answer.content.decode()
    assert "<title>Settings · Acme Games" in answer.content.decode(), "the page keeps its own name"
    assert Organization.objects.get(pk=cast.sub_a.pk).name == "Acme Games"


def test_only_the_spelling_of_a_name_may_change(cast: Cast) -> None:
    cast.client("root_owner").post(
        reverse("organization-settings", args=[cast.sub_a.slug]), {"name": "ACME games"}
    )
    assert Organization.objects.get(pk=cast.sub_a.pk).name == "ACME games"


def test_archiving_takes_access_away_at_the_next_request_and_restoring_gives_it_back(cast: Cast) -> None:
    key = factories.make_key(cast.sub_a)
    addresses = [cast.sub_a.overview_path(), key.credential.page_path()]
    clients = {
        member: cast.client(member) for member in ("root_owner", "root_viewer", "sub_a_developer", "operator")
    }

    def answers() -> set[int]:
        return {client.get(address).status_code for client in clients.values() for address in addresses}

    assert answers() == {200}
    do(clients["root_owner"], "archive", cast, cast.sub_a)
    assert answers() == {404}
    assert clients["sub_a_developer"].get("/").status_code == 200
    assert "You are in no organization yet" in clients["sub_a_developer"].get("/").content.decode()
    do(clients["root_owner"], "restore", cast, cast.sub_a)
    assert answers() == {200}
    told = AuditEvent.objects.filter(subject_id=str(cast.sub_a.pk)).order_by("created_at")
    assert [each.action.split(":")[1] for each in told] == ["created", "archived", "restored"]


def test_archiving_says_first_who_loses_what(cast: Cast) -> None:
    address = reverse("archive-sub-organization", args=[cast.root.slug, cast.sub_a.pk])
    text = cast.client("root_owner").get(address).content.decode()
    assert "sub.a.admin@example.com (Admin) can no longer open Acme Games" in text
    assert not Organization.objects.get(pk=cast.sub_a.pk).is_archived


def test_the_list_tells_live_from_archived(cast: Cast) -> None:
    client = cast.client("root_owner")
    do(client, "archive", cast, cast.sub_b)
    context = client.get(page(cast)).context
    assert [each.name for each in context["live"]] == ["Acme Games"]
    assert [each.name for each in context["archived"]] == ["Acme Travel"]
    assert context["live"][0].member_count == 2


def test_siblings_are_not_touched(cast: Cast) -> None:
    do(cast.client("root_owner"), "archive", cast, cast.sub_b)
    assert cast.client("sub_a_developer").get(cast.sub_a.overview_path()).status_code == 200
