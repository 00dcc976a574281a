"""What holds for every operation of the API: tags, keys of writes, pages, and refusals as problems."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from credentials.models import Credential
from organizations.models import AuditEvent, KeptAnswer
from organizations.permissions import Permission
from tests import factories
from tests.conftest import Cast
from tests.machines import API, machine, send

pytestmark = pytest.mark.django_db
SECRET = "s8Q~quite-a-secret"
CLIENT = {
    "kind": "microsoft-intune-client",
    "fields": {
        "client_id": "6731DE76-14a6-49ae-97bc-6eba6914391e",
        "client_secret": SECRET,
        "auth_url": "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token",
    },
}


@pytest.fixture
def client(cast: Cast) -> Client:
    return machine(cast, cast.root)


def test_an_answer_that_is_known_is_not_sent_again(cast: Cast, client: Client) -> None:
    key = factories.make_key(cast.root)
    path = f"/credentials/{key.credential_id}"
    first = send(client, "GET", path)
    tag = first["ETag"]
    assert (first["Cache-Control"], first["Vary"].split(", ")[0]) == ("private, no-cache", "Authorization")
    for known in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        again = send(client, "GET", path, if_none_match=known)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    key.credential.rename(cast.actor("root_owner"), "Another name")
    changed = send(client, "GET", path, if_none_match=tag)
    assert (changed.status_code, changed.json()["name"]) == (200, "Another name")
    assert changed["ETag"] != tag
    assert send(Client(), "GET", path, if_none_match=tag).status_code == 401


def test_a_write_that_is_sent_twice_is_done_once(cast: Cast, client: Client) -> None:
    first = send(client, "POST", "/credentials", CLIENT, idempotency_key="a")
    again = send(client, "POST", "/credentials", CLIENT, idempotency_key="a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first["Content-Type"]) == (again.content, again["Content-Type"])
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Credential.objects.count() == 1
    other = send(client, "POST", "/credentials", CLIENT | {"kind": "apns-key"}, idempotency_key="a")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    elsewhere = send(
        client, "PATCH", f"/credentials/{first.json()['id']}", {"name": "x"}, idempotency_key="a"
    )
    assert elsewhere.json()["code"] == "idempotency-key-reused"
    # A key is its token's own
    assert (
        send(machine(cast, cast.sub_a), "POST", "/credentials", CLIENT, idempotency_key="a").status_code
        == 201
    )


def test_a_refusal_is_not_kept(cast: Cast, client: Client) -> None:
    made = Credential.objects.get(pk=send(client, "POST", "/credentials", CLIENT).json()["id"])
    assert send(client, "POST", "/credentials", CLIENT, idempotency_key="b").status_code == 409
    made.archive(cast.actor("root_owner"))
    assert send(client, "POST", "/credentials", CLIENT, idempotency_key="b").status_code == 201


def test_who_comes_while_it_is_done_waits(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptAnswer, "end", lambda *_args: None)  # it never comes to an end
    assert send(client, "POST", "/credentials", CLIENT, idempotency_key="c").status_code == 201
    answer = send(client, "POST", "/credentials", CLIENT, idempotency_key="c")
    assert (answer.status_code, answer.json()["code"]) == (409, "in-progress")
    # Who did not come back within minutes never will: it is done by the next, and by one only.
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    codes = [
        send(client, "POST", "/credentials", CLIENT, idempotency_key="c").json()["code"] for _ in range(2)
    ]
    assert codes == ["exists", "in-progress"]


def test_what_is_kept_is_no_secret_and_not_for_long(client: Client) -> None:
    send(client, "POST", "/credentials", CLIENT, idempotency_key="my-key")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM organizations_keptanswer")
        stored = repr(cursor.fetchall())
    assert SECRET not in stored
    assert "my-key" not in stored
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    answer = send(client, "POST", "/credentials", CLIENT, idempotency_key="my-key")
    assert answer.json()["code"] == "exists"  # asked anew: it is here already
    for wrong in ("", "x" * 256, "ü"):
        assert send(client, "POST", "/credentials", CLIENT, idempotency_key=wrong).status_code == 422


def test_who_lost_the_scope_is_not_answered_again(cast: Cast, client: Client) -> None:
    assert send(client, "POST", "/credentials", CLIENT, idempotency_key="d").status_code == 201
    cast.root_owner.memberships.get().delete()
    assert send(client, "POST", "/credentials", CLIENT, idempotency_key="d").status_code == 403


def test_pages_of_the_log(cast: Cast, client: Client) -> None:
    for number in range(4):
        factories.make_key(cast.root, name=f"Key {number}")
    seen: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(f"{API}/activity", {"limit": 3, "cursor": cursor}).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    events = AuditEvent.objects.filter(organization=cast.root)
    assert [each["id"] for each in seen] == [str(event.pk) for event in events.order_by("-created_at", "-pk")]
    made = client.get(f"{API}/activity", {"action": "credential:created"}).json()["items"]
    assert [each["subject"] for each in made] == ["Key 3", "Key 2", "Key 1", "Key 0"]
    for wrong in ("nonsense", "WzFd", "W10", "Ilx1ZDgwMCI", page["next_cursor"] or "bnVsbA"):
        assert client.get(f"{API}/activity", {"cursor": wrong}).status_code == 400


def test_the_organization_its_people_and_its_tokens(cast: Cast, client: Client) -> None:
    told = send(client, "GET", "/organization").json()
    assert (told["slug"], told["root"]) == (cast.root.slug, None)
    assert [each["name"] for each in told["sub_organizations"]] == [cast.sub_a.name, cast.sub_b.name]
    below = machine(cast, cast.sub_a, Permission.MEMBER_VIEW)
    assert send(below, "GET", "/organization").json()["root"]["slug"] == cast.root.slug
    members = {each["email"]: each for each in send(below, "GET", "/members").json()["items"]}
    assert members[cast.sub_a_admin.email]["role"] == "ADMIN"
    assert members[cast.root_owner.email]["organization"]["slug"] == cast.root.slug
    assert cast.sub_b_developer.email not in members
    (token,) = send(client, "GET", "/tokens").json()["items"]
    assert (token["created_by"], token["name"]) == (cast.root_owner.email, "CI")
    assert send(below, "GET", "/tokens").status_code == 403


def test_every_refusal_is_a_problem(client: Client) -> None:
    absent = "/credentials/2f0d5c0e-8f0a-4a86-9a53-9d6d3f2f0c05"
    asked = [
        (404, send(client, "GET", absent)), (404, send(client, "GET", "/no-such-thing")),
        (405, send(client, "PUT", "/credentials")),
        (400, client.generic("POST", f"{API}/syncs", "{not json", "application/json")),
        (413, client.generic("POST", f"{API}/syncs", b" " * 300_000, "application/json")),
        (413, client.generic("POST", f"{API}/credentials", b" " * 3_000_000, "application/json")),
        (422, send(client, "GET", "/credentials?limit=0")),
    ]  # fmt: skip
    for status, answer in asked:
        told = answer.json()
        assert (answer.status_code, told["status"]) == (status, status)
        assert answer["Content-Type"] == "application/problem+json"
        assert told["request_id"] == answer["X-Request-Id"]
    bodies = [{**answer.json(), "request_id": ""} for _, answer in asked[:2]]
    assert bodies[0] == bodies[1]
    assert asked[2][1]["Allow"] == "GET, POST"
    assert asked[-1][1].json()["errors"][0]["field"] == "limit"
