"""Credentials over the API: whose they are, what is told, and when a secret leaves."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from appstore.models import AppStoreConnectKey
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import ApiToken, AuditEvent
from organizations.permissions import Permission
from tests import factories
from tests.conftest import Cast
from tests.credentials.revealing import require_approval
from tests.credentials.stopped_log import stopped_log
from tests.leaks import find_in, forms_of
from tests.machines import machine

pytestmark = pytest.mark.django_db(transaction=True)  # an opening commits its event

LIST = "/api/v1/credentials"


@pytest.fixture
def p8() -> bytes:
    return factories.make_p8()


@pytest.fixture
def key(cast: Cast, p8: bytes) -> AppStoreConnectKey:
    return factories.make_key(cast.root, p8=p8, key_id="APIREVEAL1")


def reveal(client: Client, pk: object, **body: str) -> Any:
    asked = {"purpose": "release 1.2", "form": "p8"} | body
    return client.post(f"{LIST}/{pk}/reveal", json.dumps(asked), content_type="application/json")


def revealed() -> int:
    return AuditEvent.objects.filter(action=Action.CREDENTIAL_REVEALED, actor_user=None).count()


def test_nobody_without_a_token(cast: Cast, key: AppStoreConnectKey) -> None:
    signed_in = cast.client("root_owner")
    text = ApiToken.issue(cast.actor("root_owner"), cast.root, name="x", scopes=[Permission.CREDENTIAL_VIEW])[
        1
    ]
    for answer in (
        Client().get(LIST), signed_in.get(LIST), Client().get(f"{LIST}?token={text}&access_token={text}"),
        Client(headers={"authorization": "Bearer chub_" + "x" * 49}).get(LIST),
        Client(headers={"authorization": f"Token {text}"}).get(LIST),
    ):  # fmt: skip
        assert answer.status_code == 401
        told = answer.json()
        assert (told["code"], told["status"]) == ("not-authenticated", 401)
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["X-Request-Id"] == told["request_id"]
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert "no-store" in answer["Cache-Control"]


def test_own_and_shared_ones_and_no_others(cast: Cast, key: AppStoreConnectKey) -> None:
    hidden = factories.make_key(cast.root, name="Hidden").credential
    foreign = factories.make_key(cast.other, name="Foreign").credential
    own = factories.make_key(cast.sub_a, name="Own").credential
    share(SYSTEM, key.credential, with_all=False, chosen=[cast.sub_a])
    client = machine(cast, cast.sub_a, Permission.CREDENTIAL_VIEW)
    items = {each["id"]: each for each in client.get(LIST).json()["items"]}
    assert items.keys() == {str(own.pk), str(key.credential.pk)}
    assert (items[str(own.pk)]["root"], items[str(key.credential.pk)]["root"]) == (False, True)
    assert items[str(key.credential.pk)]["organization"] == {"slug": cast.root.slug, "name": cast.root.name}

    def told(pk: object) -> dict[str, Any]:
        answer = client.get(f"{LIST}/{pk}")
        assert answer.status_code == 404
        return {name: value for name, value in answer.json().items() if name != "request_id"}

    assert told(hidden.pk) == told(foreign.pk) == told(uuid.uuid4())
    assert client.get(f"{LIST}/{own.pk}").json() == items[str(own.pk)]


def test_pages(cast: Cast) -> None:
    made = {str(factories.make_key(cast.root, name=f"Key {n}").credential_id) for n in range(5)}
    client, seen, cursor = machine(cast, cast.root), [], ""
    while True:
        told = client.get(LIST, {"limit": 2, "cursor": cursor}).json()
        seen += [each["id"] for each in told["items"]]
        cursor = told["next_cursor"]
        if not cursor:
            break
    assert (len(seen), set(seen)) == (5, made)
    for wrong, status in (({"cursor": "nonsense"}, 400), ({"limit": 0}, 422), ({"limit": 201}, 422)):
        answer = client.get(LIST, wrong)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


def test_a_secret_leaves_on_record(cast: Cast, key: AppStoreConnectKey, p8: bytes) -> None:
    client = machine(cast, cast.root)
    answer = reveal(client, key.credential_id)
    assert answer.content == p8
    assert answer["Content-Disposition"] == 'attachment; filename="AuthKey_APIREVEAL1.p8"'
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(
        action=Action.CREDENTIAL_REVEALED, actor_user=None, actor_label__contains="CI"
    )
    assert event.facts["purpose"] == "release 1.2"
    assert event.request_id == answer["X-Request-Id"]
    assert find_in(client.get(LIST).content, forms_of(p8)) == []
    assert find_in(client.get(f"{LIST}/{key.credential_id}").content, forms_of(p8)) == []


def test_without_the_scope_it_is_refused_and_recorded(cast: Cast, key: AppStoreConnectKey, p8: bytes) -> None:
    client = machine(cast, cast.root, Permission.CREDENTIAL_VIEW)
    answer = reveal(client, key.credential_id)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert find_in(answer.content, forms_of(p8)) == []
    assert AuditEvent.objects.filter(action=Action.ACCESS_DENIED, organization=cast.root).count() == 1
    assert reveal(machine(cast, cast.root), uuid.uuid4()).status_code == 404


def test_what_is_shared_is_never_revealed_there(cast: Cast, key: AppStoreConnectKey, p8: bytes) -> None:
    share(SYSTEM, key.credential, with_all=True, chosen=[])
    answer = reveal(machine(cast, cast.sub_a), key.credential_id)
    assert answer.status_code == 404
    assert find_in(answer.content, forms_of(p8)) == []


def test_the_rules_of_reveal_hold_here_too(cast: Cast, key: AppStoreConnectKey, settings: Any) -> None:
    client = machine(cast, cast.root)
    settings.REVEALS_PER_HOUR, settings.TOKEN_REVEALS_PER_MINUTE = 0, 1
    assert reveal(client, key.credential_id).status_code == 200
    assert reveal(client, key.credential_id).json()["code"] == "too-many-reveals"
    client = machine(cast, cast.root)
    settings.TOKEN_REVEALS_PER_MINUTE = 60
    key.credential.allow_reveal(SYSTEM, allowed=False)
    assert reveal(client, key.credential_id).json()["code"] == "reveal-refused"
    key.credential.allow_reveal(SYSTEM, allowed=True)
    require_approval(cast)
    assert reveal(client, key.credential_id).status_code == 409
    for wrong in ({"form": "nonsense"}, {"purpose": ""}, {"purpose": "\x00 \u202e"}):
        assert reveal(client, key.credential_id, **wrong).status_code == 422


@pytest.mark.parametrize("form", ["p8", "fastlane", "environment"])
def test_what_cannot_be_recorded_is_503_and_no_byte_of_it(
    cast: Cast, key: AppStoreConnectKey, p8: bytes, form: str
) -> None:
    client = machine(cast, cast.root)
    before = revealed()
    with stopped_log():
        answer = reveal(client, key.credential_id, form=form)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert find_in(answer.content, forms_of(p8)) == []
    assert revealed() == before


def test_a_refusal_that_cannot_be_recorded_is_503(cast: Cast, key: AppStoreConnectKey) -> None:
    client = machine(cast, cast.root, Permission.CREDENTIAL_VIEW)
    with stopped_log():
        assert reveal(client, key.credential_id).status_code == 503


def test_what_breaks_is_a_problem_without_the_errors_words(
    cast: Cast, key: AppStoreConnectKey, p8: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*_args: object, **_options: object) -> None:
        raise ValueError(p8.decode())

    monkeypatch.setattr("credentials.models.sealed_secret.SealedSecret._open", fall)
    answer = reveal(machine(cast, cast.root), key.credential_id)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert find_in(answer.content, forms_of(p8)) == []


def test_what_is_not_there_is_told_to_programs(cast: Cast) -> None:
    client = machine(cast, cast.root)
    for address in ("/api/v1/nothing", "/api/v1/", "/api/v2/credentials"):
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    answer = client.post(f"{LIST}/{uuid.uuid4()}/reveal", "{not json", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
