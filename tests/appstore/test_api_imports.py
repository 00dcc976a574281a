"""Imports over the API: uploaded, read by a worker, shown, applied; and what is refused."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from appstore.imports import uploading
from appstore.models import ImportItem, ImportUpload
from credentials.making.zip_file import zip_of
from credentials.models import Credential
from credentials.parsing import limits
from organizations.actors import SYSTEM
from organizations.models import ApiToken, AuditEvent
from organizations.permissions import Permission
from tests import factories
from tests.appstore.importing import match_zip, work
from tests.conftest import Cast
from tests.credentials import keystores
from tests.credentials.kind_uploads import RSA_KEY
from tests.credentials.signing_material import PASSPHRASE, p12, pkcs8
from tests.machines import API, machine, send

pytestmark = pytest.mark.django_db
PATH = "/imports"


@pytest.fixture
def client(cast: Cast, doorbell: list[object]) -> Client:
    return machine(cast, cast.root, Permission.CREDENTIAL_MANAGE)


def upload(client: Client, *files: tuple[str, bytes], key: str = "", **fields: str) -> Any:
    sent = {"file": [SimpleUploadedFile(*each) for each in files], **fields}
    return client.post(API + PATH, sent, headers={"Idempotency-Key": key} if key else {})


def found(client: Client, path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return send(client, "GET", path).json(), send(client, "GET", f"{path}/items").json()["items"]


def test_a_match_repository_is_read_shown_and_stored(cast: Cast, client: Client) -> None:
    archive = match_zip()
    made = upload(client, ("match.zip", archive), passphrase="wrong", key="a")
    assert (made.status_code, made.json()["state"], made.json()["name"]) == (201, "READING", "match.zip")
    path = f"{PATH}/{made.json()['id']}"
    assert send(client, "POST", f"{path}/apply", {}).json()["code"] == "not-in-this-state"
    assert send(client, "POST", f"{path}/read-again", {}).json()["code"] == "not-in-this-state"
    work()
    failed = send(client, "GET", path).json()
    assert (failed["failed"], failed["wants_passphrase"], failed["error_code"]) == (
        True,
        True,
        "wrong-passphrase",
    )
    assert send(client, "POST", f"{path}/read-again", {"passphrase": PASSPHRASE}).status_code == 202
    work()
    told, items = found(client, path)
    assert (told["state"], told["failed"], told["counts"]) == ("READ", False, {"NEW": 2})
    kinds = {each["kind"]: each for each in items}
    assert set(kinds) == {"apple-certificate", "provisioning-profile"}
    assert kinds["provisioning-profile"]["notes"] == ["Its private key is in this upload."]
    assert not Credential.objects.exists()

    identity = kinds["apple-certificate"]
    foreign = send(client, "POST", f"{path}/apply", {"items": [identity["id"], made.json()["id"]]})
    assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (422, "items")
    applied = send(client, "POST", f"{path}/apply", {"items": [identity["id"]]})
    assert (applied.status_code, applied.json()["state"]) == (202, "STORING")
    assert send(client, "DELETE", path).status_code == 409
    work()
    told, items = found(client, path)
    assert (told["state"], told["counts"]) == ("DONE", {"STORED": 1, "LEFT": 1})
    stored = Credential.objects.get()
    assert {each["state"]: each["credential_id"] for each in items} == {
        "STORED": str(stored.pk),
        "LEFT": None,
    }
    assert stored.reveal(SYSTEM, purpose="test") == pkcs8()
    events = AuditEvent.objects.filter(
        action__in=["import:uploaded", "credential:created", "import:finished"]
    )
    assert {event.actor_label[:9] for event in events} == {"API token"}
    assert events.count() == 3

    again = upload(client, ("match.zip", archive), passphrase="wrong", key="a")
    assert again.json() == made.json()  # the answer that was lost
    other = upload(client, ("match.zip", zip_of({"a.p12": p12()})), passphrase="wrong", key="a")
    assert other.json()["code"] == "idempotency-key-reused"


def test_all_that_is_new_is_taken_and_keys_as_they_are_said_to_be(cast: Cast, client: Client) -> None:
    store = keystores.jks("store word", (keystores.self_signed("upload", RSA_KEY), "store word"))
    files = {
        "a.p12": p12(password="store word"), "upload.jks": store, "notes.txt": b"hello",
        "AuthKey_ABCDE12345.p8": factories.make_p8(),
    }  # fmt: skip
    path = f"{PATH}/{upload(client, ('folder.zip', zip_of(files)), password='store word').json()['id']}"
    work()
    ImportItem.objects.filter(kind="apple-certificate").update(expires_at=timezone.now() - timedelta(1))
    ImportItem.objects.filter(kind="android-keystore").update(expires_at=timezone.now() + timedelta(1))
    _told, items = found(client, path)
    [key] = [each for each in items if each["state"] == "KEY"]
    said = {"item": key["id"], "purpose": "TEAM", "key_id": "ABCDE12345", "owner": "not an issuer"}
    wrong = send(client, "POST", f"{path}/apply", {"keys": [said]})
    assert wrong.json()["errors"][0]["field"] == "keys.owner"
    said["owner"] = "57246542-96fe-1a63-e053-0824d011072a"
    assert send(client, "POST", f"{path}/apply", {"keys": [said]}).status_code == 202
    work()
    kinds = sorted(Credential.objects.values_list("kind", flat=True))
    assert kinds == ["android-keystore", "app-store-connect-api-key"]


def test_what_is_refused(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert upload(client, ("empty.zip", b"")).json()["errors"][0]["field"] == "file"
    assert upload(client).status_code == 422
    broken = client.generic("POST", API + PATH, b"--x", "multipart/form-data; boundary=" + "x" * 300)
    assert (broken.status_code, broken.json()["code"]) == (400, "bad-request")
    many = upload(client, *[(f"{number}.p12", b"x") for number in range(limits.MOST_FILES + 1)])
    assert (many.status_code, many.json()["code"]) == (400, "bad-request")
    monkeypatch.setattr(limits, "LARGEST_IMPORT", 1024)
    assert upload(client, ("a.zip", bytes(2048))).json()["code"] == "too-large"
    monkeypatch.undo()
    monkeypatch.setattr(uploading, "AT_ONCE", 0)
    assert upload(client, ("a.zip", zip_of({"a": b"a"}))).json()["code"] == "too-many-imports"
    few = ["credential:manage:apple-certificate"]
    text = ApiToken.issue(cast.actor("root_owner"), cast.root, name="CI", scopes=few)[1]
    one_kind = Client(headers={"authorization": f"Bearer {text}"})
    assert upload(one_kind, ("a.zip", zip_of({"a": b"a"}))).status_code == 403
    assert send(one_kind, "GET", PATH).status_code == 403
    assert not ImportUpload.objects.exists()


class Body(io.BytesIO):
    was_read = 0

    def read(self, size: int | None = -1) -> bytes:
        self.was_read += 1
        return super().read(size)


def test_a_stranger_has_no_archive_read(cast: Cast) -> None:
    body = Body(b"x" * 100_000)
    answer = Client().generic("POST", API + PATH, "", "multipart/form-data; boundary=x",
                              **{"wsgi.input": body, "CONTENT_LENGTH": "100000"})  # fmt: skip
    assert (answer.status_code, body.was_read) == (401, 0)
