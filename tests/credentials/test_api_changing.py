"""Credentials added and changed over the API: by the same forms as on the pages, with the same words."""

import base64
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from credentials.kinds import KINDS
from credentials.models import Credential
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import AuditEvent
from tests.conftest import Cast
from tests.credentials.kind_uploads import UPLOADS, Upload
from tests.machines import machine, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return machine(cast, cast.root)


def as_json(upload: Upload, **more: Any) -> dict[str, Any]:
    files = {
        field: {"name": name, "content": base64.b64encode(content).decode()}
        for field, (name, content) in upload.files.items()
    }
    return {"fields": {**upload.fields, **more}, "files": files}


@pytest.mark.parametrize("slug", ["apns-key", "provisioning-profile"])
def test_it_is_added_and_its_secret_replaced(client: Client, slug: str) -> None:
    upload, renewed = UPLOADS[slug]()
    answer = send(client, "POST", "/credentials", {"kind": slug, **as_json(upload)})
    assert answer.status_code == 201, answer.content
    assert upload.secret not in answer.content
    made = Credential.objects.get(pk=answer.json()["id"])
    assert upload.secret in made.reveal(SYSTEM, purpose="test")
    created = AuditEvent.objects.get(action=Action.CREDENTIAL_CREATED)
    assert created.actor_label.startswith("API token “CI” …")
    replaced = send(client, "POST", f"/credentials/{made.pk}/replace", as_json(renewed or upload))
    assert replaced.status_code == (200 if renewed else 409), replaced.content
    if renewed:
        made.refresh_from_db()
        assert renewed.secret in made.reveal(SYSTEM, purpose="test")


def test_what_each_kind_takes_is_told(client: Client) -> None:
    kinds = {each["kind"]: each for each in send(client, "GET", "/credential-kinds").json()["items"]}
    assert kinds.keys() == KINDS.keys()
    for slug, kind in KINDS.items():
        fields = {each["name"] for each in kinds[slug]["upload"]}
        assert fields == set(kind.form.base_fields if kind.form else ())
        assert {each["form"] for each in kinds[slug]["reveal_forms"]} == {each.slug for each in kind.exports}
    types = {each["name"]: each["type"] for each in kinds["android-keystore"]["upload"]}
    assert (types["file"], types["password"], types["alias"]) == ("file", "secret", "text")
    assert {each["name"] for each in kinds["android-keystore"]["generate"]} > {"name", "alias"}
    asked = {"kind": "android-keystore", "generate": True, "fields": {"alias": "x" * 1000}}
    assert send(client, "POST", "/credentials", asked).json()["errors"][0]["field"] == "alias"


def test_what_is_wrong_is_told_by_field_in_the_words_of_the_page(cast: Cast, client: Client) -> None:
    upload, _ = UPLOADS["apns-key"]()
    wrong = as_json(upload, team_id="too short")
    answer = send(client, "POST", "/credentials", {"kind": "apns-key", **wrong})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, answer.json()["code"], error["field"]) == (422, "not-valid", "team_id")
    page = cast.client("root_owner").post(
        reverse("add-credential", args=["acme", "apns-key"]), upload.data(team_id="too short")
    )
    assert page.context["form"].errors["team_id"] == [error["message"]]
    for body, field in (
        ({"kind": "no-such-kind"}, "kind"),
        ({"kind": "app-store-connect-api-key"}, "kind"),
        ({"kind": "apns-key", "files": {"file": {"name": "a.p8", "content": "!"}}}, "file"),
        ({"kind": "apns-key", "files": {"file": {"name": "../a.p8", "content": ""}}}, "files.file.name"),
        ({"kind": "microsoft-intune-client", "fields": {"client_id": "x"}}, "client_secret"),
    ):
        answer = send(client, "POST", "/credentials", body)
        assert answer.status_code == 422
        assert field in {each["field"] for each in answer.json()["errors"]}, answer.content
    assert not Credential.objects.exists()


def test_renamed_shared_archived_and_restored(cast: Cast, client: Client) -> None:
    upload, _ = UPLOADS["microsoft-intune-client"]()
    made = send(client, "POST", "/credentials", {"kind": "microsoft-intune-client", **as_json(upload)}).json()
    path = f"/credentials/{made['id']}"
    assert send(client, "PATCH", path, {"name": " Store  upload "}).json()["name"] == "Store upload"
    assert send(client, "PATCH", path, {"name": "\u202e"}).json()["errors"][0]["field"] == "name"
    wanted = {"sub_organizations": [str(cast.sub_a.pk)]}
    told = send(client, "PUT", f"{path}/shares", wanted).json()
    assert [each["slug"] for each in told["sub_organizations"]] == [cast.sub_a.slug]
    below = machine(cast, cast.sub_a)
    assert send(below, "GET", path).json()["root"] is True
    assert send(machine(cast, cast.sub_b), "GET", path).status_code == 404
    assert send(client, "PUT", f"{path}/shares", {"shared_with_all": True}).json()["shared_with_all"] is True
    assert len(send(client, "GET", f"{path}/shares").json()["sub_organizations"]) == 2
    assert send(client, "POST", f"{path}/archive").json()["archived_at"]
    assert send(below, "GET", path).status_code == 404
    assert send(client, "PUT", f"{path}/shares", {}).json()["code"] == "archived"
    assert send(client, "GET", "/credentials").json()["items"] == []
    assert [each["id"] for each in send(client, "GET", "/credentials?archived=true").json()["items"]] == [
        made["id"]
    ]
    assert send(client, "POST", f"{path}/restore").json()["archived_at"] is None
    assert send(below, "GET", path).status_code == 200
    found = send(client, "GET", "/credentials?q=store&kind=microsoft-intune-client&expires_within_days=30")
    assert found.json()["items"] == []  # it never expires
    assert len(send(client, "GET", "/credentials?q=STORE").json()["items"]) == 1
