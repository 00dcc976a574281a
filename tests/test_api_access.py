"""Every operation of the API × every member's token × own, shared, somebody else's, and none. What is meant to happen
stands in tests/access/api.py."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from credentials.sharing import share
from credhub.api import api
from organizations import tokens
from organizations.actors import SYSTEM
from organizations.models import ApiToken, Organization, User
from organizations.permissions import TOKEN_SCOPES
from tests.access.answers import Rows, database, noting
from tests.access.api import BUILDS, OPERATIONS, TOKENS, Operation
from tests.access.api_requests import NOBODYS, Ids, body, files, ids_for, query
from tests.access.world import World, build
from tests.appstore.building import make_file, make_identity
from tests.appstore.signing import make_app
from tests.conftest import Cast, make_cast, shared_world

DOCUMENT = api.get_openapi_schema()
ROUTES = {
    told["operationId"]: (method, path)
    for path, operations in DOCUMENT["paths"].items()
    for method, told in operations.items()
    if "security" in told  # the others are open to strangers
}
STATUS = {403: "x", 404: "-", 409: "!", 422: "!"}


def token_for(user: User, organization: Organization) -> str:
    """A token with every scope, whatever its maker may do by now."""
    text = tokens.new_token()
    ApiToken.objects.create(
        organization=organization,
        name="CI",
        digest=tokens.digest(text),
        last_four=text[-4:],
        scope_words=" ".join(TOKEN_SCOPES),
        created_by=user,
        expires_at=timezone.now() + timedelta(days=1),
    )
    return text


def let_sub_a_build(world: World) -> None:
    """With what the root shares with it."""
    _slug, held = world.places["shared"]
    team, identifier = held.key.team, held.app.identifier
    assert team is not None
    identity, certificate = make_identity(team, 0)
    make_file(team, certificate, 0, identifier)
    share(SYSTEM, identity, with_all=False, chosen=[world.cast.sub_a])
    make_app(world.cast.sub_a, identifier=identifier)


@dataclass
class Asker:
    world: World
    clients: dict[str, Client]
    ids: dict[str, dict[str, list[Ids]]]
    before: Rows

    @classmethod
    def of(cls, cast: Cast) -> "Asker":
        world = build(cast)
        homes = {"sub_a": cast.sub_a, "sub_b": cast.sub_b, "outsider": cast.other}
        let_sub_a_build(world)
        texts = {
            member: token_for(getattr(cast, member), homes.get(member.rsplit("_", 1)[0], cast.root))
            for member in TOKENS
        } | {BUILDS: token_for(cast.root_owner, cast.sub_a)}
        clients = {
            member: Client(headers={"authorization": f"Bearer {text}"}) for member, text in texts.items()
        }
        for client in clients.values():
            assert client.get("/api/v1/organization").status_code == 200  # its first use is on record
        return cls(world, clients, {member: ids_for(world, member) for member in clients}, database())

    def ask(self, member: str, operation: str, ids: Ids) -> tuple[str, HttpResponse]:
        """The letter, and the answer. What it changed is undone."""
        method, path = ROUTES[operation]
        sent = body(operation, ids)
        options: dict[str, Any] = (
            {"data": json.dumps(sent), "content_type": "application/json"} if sent is not None else {}
        )
        if form := files(operation):
            options = {"data": form}
        written: list[str] = []
        undone = transaction.atomic()
        undone._from_testcase = True  # what opens a secret commits its event first, and does in here, too
        with undone, connection.execute_wrapper(noting(written)):
            address = path.replace("{pk}", str(ids.in_address(operation))) + query(operation, ids)
            answer = getattr(self.clients[member], method)(address, **options)
            rows = database("\n".join(written)) if written else {}
            changed = any(found != self.before[label] for label, found in rows.items())
            transaction.set_rollback(True)
        if answer.status_code in {200, 201, 202}:
            return "O" if changed else "o", answer
        return STATUS.get(answer.status_code, str(answer.status_code)) + (
            "+changed" if changed else ""
        ), answer


@pytest.fixture(scope="module")
def asker(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Asker]:
    with shared_world(django_db_blocker):
        yield Asker.of(make_cast())


def told(answer: HttpResponse) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def test_every_operation_is_listed() -> None:
    assert {row.operation for row in OPERATIONS} == ROUTES.keys()


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.operation)
def test_operation(asker: Asker, db: None, row: Operation) -> None:
    wrong = []
    for place, member, letter in row.expected():
        asked = asker.ids[member][place]
        if place == "own" and set(row.elsewhere) == {"."}:  # about no one thing
            asked = [NOBODYS]
        elif letter != "x" and place == "elsewhere":  # 403 comes before anything is looked for
            asked = [NOBODYS, *asked]
        answers = []
        for ids in asked:
            found, answer = asker.ask(member, row.operation, ids)
            answers.append(answer)
            if found != letter:
                wrong.append(f"{member}, {place}: {found} and not {letter}: {answer.content[:300]!r}")
        if place == "elsewhere" and len({json.dumps(told(each)) for each in answers}) > 1:
            wrong.append(f"{member} learns that there is one: {[each.content for each in answers]}")
    assert not wrong, "\n".join(wrong)


def test_lists_show_what_is_own_and_shared_alone(asker: Asker, db: None) -> None:
    wrong = []
    for operation, name in {
        "list_credentials": "key", "list_app_store_connect_keys": "key", "list_certificates": "certificate",
        "list_profiles": "profile", "list_bundle_ids": "bundle_id", "list_devices": "device", "list_syncs": "sync",
        "list_apps": "app",
    }.items():  # fmt: skip
        for member in TOKENS:
            _, answer = asker.ask(member, operation, NOBODYS)
            listed = {each["id"] for each in answer.json()["items"]}
            places = asker.ids[member]
            expected = {str(getattr(ids, name)) for ids in [*places["own"], *places["shared"]]}
            if operation == "list_apps":  # nobody shares those
                expected = {str(ids.app) for ids in places["own"]}
            foreign = {str(getattr(ids, name)) for ids in places["elsewhere"]}
            if not expected <= listed or foreign & listed:
                wrong.append(
                    f"{operation} for {member}: {expected - listed} are missing, {foreign & listed} are there"
                )
    assert not wrong, "\n".join(wrong)


def test_ids_of_others_in_a_body(asker: Asker, db: None) -> None:
    """What a change is made of is looked for within the team, and a share's receivers within the root."""
    own, globex = asker.ids["root_owner"]["own"][0], asker.ids["outsider"]["own"][0]
    for name in ("bundle_id", "certificate", "device"):
        mixed = replace(own, **{name: getattr(globex, name)})
        letter, answer = asker.ask("root_owner", "create_profile", mixed)
        assert letter == "!", answer.content
    client = asker.clients["root_owner"]
    foreign = {"sub_organizations": [str(asker.world.cast.other.pk)]}
    answer = client.put(
        f"/api/v1/credentials/{own.key}/shares", json.dumps(foreign), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "sub_organizations")


def test_without_a_token_nothing_is_told(asker: Asker, db: None) -> None:
    """Nor with one that is none, nor to a session, whatever is asked for."""
    strangers = [Client(), asker.world.cast.client("ci"), asker.world.cast.client("root_owner")]
    for method, path in ROUTES.values():
        answers = [getattr(each, method)(path.replace("{pk}", str(NOBODYS.key))) for each in strangers]
        assert {each.status_code for each in answers} == {401}, (method, path)
        assert len({json.dumps(told(each)) for each in answers}) == 1
