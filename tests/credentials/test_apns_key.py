"""APNs keys: a .p8 with its Key ID and Team ID, told from App Store Connect API keys."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse

from credentials.kinds import KINDS
from credentials.models import Credential
from organizations.actors import SYSTEM
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
P8 = factories.make_p8()


def add(
    cast: Cast, data: bytes = P8, file_name: str = "AuthKey_2X9R4HXF34.p8", **fields: Any
) -> HttpResponse:
    sent = {"team_id": " 8q5f6r2k9d ", "environment": "both", "file": SimpleUploadedFile(file_name, data)}
    return cast.client("root_owner").post(reverse("add-credential", args=["acme", "apns-key"]), sent | fields)


def told(answer: HttpResponse, field: str) -> str:
    assert answer.status_code == 400
    return str(answer.context["form"].errors[field][0])


def test_the_form_says_that_a_team_has_two(cast: Cast) -> None:
    page = cast.client("root_owner").get(reverse("add-credential", args=["acme", "apns-key"]))
    assert "two of them at most" in page.content.decode()


def test_the_key_id_comes_from_the_files_name(cast: Cast) -> None:
    assert add(cast, file_name="AuthKey_2X9R4HXF34 (1).p8").status_code == 302
    key = Credential.objects.get()
    assert (key.name, key.identifier) == ("APNs key 2X9R4HXF34", "2X9R4HXF34:8Q5F6R2K9D")
    assert (key.facts["environment"], key.facts["topics"]) == ("both", [])
    assert key.reveal(SYSTEM, purpose="test") == P8
    page = cast.client("root_viewer").get(key.page_path()).content.decode()
    assert "Sandbox and Production" in page
    assert "All apps of the team" in page


def test_topics_are_bundle_ids_one_a_line(cast: Cast) -> None:
    topics = "com.example.app\r\n\r\n com.example.app.voip \ncom.example.app"
    assert add(cast, topics=topics, environment="sandbox").status_code == 302
    key = Credential.objects.get()
    assert key.facts["topics"] == ["com.example.app", "com.example.app.voip"]
    exports = {each.slug: each.make(key, P8) for each in KINDS["apns-key"].exports}
    assert (exports["p8"].name, exports["p8"].content) == ("AuthKey_2X9R4HXF34.p8", P8)
    assert json.loads(exports["json"].content) == {
        "key_id": "2X9R4HXF34",
        "team_id": "8Q5F6R2K9D",
        "environment": "sandbox",
        "topics": ["com.example.app", "com.example.app.voip"],
        "key": P8.decode(),
    }


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"file_name": "key.p8"}, "key_id", "Type the Key ID"),
        ({"file_name": "key.p8", "key_id": "SHORT"}, "key_id", "10 letters and digits"),
        ({"key_id": "ABCDEFGHIJ"}, "key_id", "named for the key 2X9R4HXF34"),
        ({"team_id": "Acme Inc."}, "team_id", "10 letters and digits"),
        ({"team_id": ""}, "team_id", "required"),
        ({"environment": "staging"}, "environment", "staging"),
        ({"topics": "com.example.*"}, "topics", "bundle ID"),
        ({"topics": "\n".join(f"com.example.a{number}" for number in range(201))}, "topics", "200"),
        ({"file_name": "SubscriptionKey_2X9R4HXF34.p8"}, "file", "In-App Purchase"),
        ({"file_name": "ApiKey_2X9R4HXF34.p8"}, "file", "App Store Connect API key"),
        ({"data": b"hello"}, "file", "no private key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused(cast: Cast, fields: dict[str, Any], field: str, said: str) -> None:
    assert said in told(add(cast, **fields), field)
    assert not Credential.objects.exists()


def test_an_app_store_connect_key_is_not_an_apns_key(cast: Cast) -> None:
    key = factories.make_key(cast.root, p8=P8, key_id="ABCDEFGHIJ", name="The API key")
    said = told(add(cast), "file")
    assert "“The API key” (App Store Connect API key) has the same private key" in said
    assert "Identifiers & Profiles" in said
    said = told(add(cast, factories.make_p8(), file_name="AuthKey_ABCDEFGHIJ.p8"), "file")
    assert "the same Key ID" in said
    key.credential.archive(SYSTEM)
    assert add(cast).status_code == 302


def test_the_same_key_under_another_team_was_mistyped(cast: Cast) -> None:
    assert add(cast).status_code == 302
    assert "Check the Key ID and the Team ID." in told(add(cast, team_id="AAAAAAAAAA"), "file")
    assert "Check the Key ID" in told(add(cast, file_name="AuthKey_ABCDEFGHIJ.p8"), "file")
