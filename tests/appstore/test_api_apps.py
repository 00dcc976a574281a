"""Apps over the API: changed, frozen, removed, and what is chosen for them."""

from typing import Any

import pytest
from django.test import Client

from appstore.models import App, Assignment
from organizations.models import AuditEvent
from organizations.permissions import Permission
from tests.appstore.building import buildable, make_keystore
from tests.appstore.signing import make_app
from tests.conftest import Cast
from tests.machines import machine, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast, doorbell: list[object]) -> Client:
    return machine(cast, cast.root)


def actions(app: App) -> list[str]:
    events = AuditEvent.objects.filter(subject_id=str(app.pk)).order_by("sequence")
    return [event.action for event in events]


def test_an_app_is_changed_frozen_and_removed(cast: Cast, client: Client) -> None:
    held = buildable(cast.root)
    path, held_up = f"/apps/{held.app.pk}", {"distribution": "ad-hoc"}
    assert send(client, "PATCH", path, {"policy": "certificates"}).json()["name"] == held.app.name
    changed = send(client, "PATCH", path, {"name": " Acme  Games "}).json()
    assert (changed["name"], changed["policy"]) == ("Acme Games", "certificates")
    widget = f"{held.app.identifier}.widget"
    assert send(client, "PATCH", path, {"extensions": [widget]}).json()["extensions"] == [widget]
    refused = send(client, "PATCH", path, {"name": "Lost", "extensions": ["com.example.another"]}).json()
    assert [each["field"] for each in refused["errors"]] == ["extensions"]
    kept = send(client, "GET", path).json()
    assert (kept["name"], kept["extensions"]) == ("Acme Games", [widget])
    slot = f"/choices?slot=profile:ad-hoc:{widget}"
    assert send(client, "GET", f"{path}{slot}").status_code == 200
    for wrong in ({"policy": "everything"}, {"name": ""}):
        refused = send(client, "PATCH", path, wrong).json()
        assert (refused["status"], [each["field"] for each in refused["errors"]]) == (422, list(wrong))
    assert send(client, "POST", f"{path}/freeze", {"because": " "}).status_code == 422
    frozen = send(client, "POST", f"{path}/freeze", {"because": "in review"}, idempotency_key="a").json()
    assert (frozen["frozen_because"], frozen["frozen_at"] is None) == ("in review", False)
    again = send(client, "POST", f"{path}/freeze", {"because": "in review"}, idempotency_key="a")
    assert (again.json(), again["Idempotency-Replayed"]) == (frozen, "true")
    assert send(client, "POST", f"{path}/ensure", held_up).json()["code"] == "frozen"
    for _ in range(2):
        assert send(client, "POST", f"{path}/unfreeze").json()["frozen_at"] is None
    assert send(client, "POST", f"{path}/ensure", held_up).status_code == 202
    assert send(client, "DELETE", path).json()["name"] == "Acme Games"
    assert send(client, "GET", path).status_code == 404
    assert actions(held.app)[-6:] == [
        "app:changed",
        "app:changed",
        "app:changed",
        "app:frozen",
        "app:unfrozen",
        "app:removed",
    ]


def slot_of(answer: Any) -> list[tuple[str, str, bool]]:
    assert answer.status_code == 200, answer.content
    return [(each["what"], each["state"], each["is_default"]) for each in answer.json()["now"]]


def test_what_it_signs_with_is_chosen_and_taken_back(cast: Cast, client: Client) -> None:
    app = make_app(cast.root, platform="ANDROID")
    first, second = make_keystore(cast.root), make_keystore(cast.root, "other")
    path, slot = f"/apps/{app.pk}", {"slot": "keystore"}
    told = send(client, "GET", f"{path}/choices?slot=keystore").json()
    assert {each["choice"] for each in told["choices"]} == {
        f"credential:{each.pk}" for each in (first, second)
    }
    for each in (first, second):
        answer = send(client, "POST", f"{path}/assign", slot | {"choice": f"credential:{each.pk}"})
    assert slot_of(answer) == [(first.name, "assigned", True), (second.name, "assigned", False)]
    assert answer.json()["choices"] == []
    pins = {each["what"]: each["assignment"] for each in answer.json()["now"]}
    several = send(client, "POST", f"{path}/unassign", slot)
    assert (several.status_code, several.json()["errors"][0]["field"]) == (422, "assignment")
    default = send(client, "POST", f"{path}/default", slot | {"assignment": pins[second.name]})
    assert sorted(slot_of(default)) == sorted(
        [(first.name, "assigned", False), (second.name, "assigned", True)]
    )
    left = send(client, "POST", f"{path}/unassign", slot | {"assignment": pins[second.name]})
    assert slot_of(left) == [(first.name, "assigned", True)]
    assert actions(app)[-4:] == ["app:assigned", "app:assigned", "app:assigned", "app:unassigned"]


def test_only_what_fits_and_is_seen_is_chosen(cast: Cast, client: Client) -> None:
    app, kept = make_app(cast.root, platform="ANDROID"), make_keystore(cast.root)
    foreign = make_keystore(cast.other, "other")
    for slot, choice in {
        "play-key": f"credential:{kept.pk}",
        "keystore": f"credential:{foreign.pk}",
        "push-key": f"credential:{kept.pk}",  # Android has no such slot
    }.items():
        answer = send(client, "POST", f"/apps/{app.pk}/assign", {"slot": slot, "choice": choice})
        assert answer.status_code == 422, answer.content
    blind = machine(cast, cast.root, Permission.ASSET_MANAGE)  # may change apps, and sees no credentials
    assert send(blind, "GET", f"/apps/{app.pk}/choices?slot=keystore").json()["choices"] == []
    assert not Assignment.objects.exists()
