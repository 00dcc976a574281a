"""Android keystores in the product: added, shown, taken out as other files, and made here."""

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse

from credentials.kinds import KINDS
from credentials.kinds.keystore_exports import as_text
from credentials.making.pkcs12 import write_pkcs12
from credentials.models import Credential
from credentials.parsing.keystore import parse_keystore
from organizations.actors import SYSTEM
from tests.conftest import Cast
from tests.credentials.keystores import jks, self_signed
from tests.credentials.kind_uploads import ANDROID_KEY

pytestmark = pytest.mark.django_db
PASSWORD, KEY_PASSWORD = "of the: keystore=", "schlüssel \\ 'x'"
SECOND = self_signed("zwei-ü", until=2021)


def add(cast: Cast, data: bytes, file_name: str = "release.keystore", **fields: Any) -> HttpResponse:
    sent = {"password": PASSWORD, "file": SimpleUploadedFile(file_name, data), **fields}
    return cast.client("root_owner").post(reverse("add-credential", args=["acme", "android-keystore"]), sent)


def generate(cast: Cast, **fields: Any) -> HttpResponse:
    page = reverse("generate-credential", args=["acme", "android-keystore"])
    return cast.client("root_owner").post(page, fields)


def exported(credential: Credential, slug: str) -> tuple[str, bytes]:
    export = next(each for each in KINDS["android-keystore"].exports if each.slug == slug)
    file = export.make(credential, credential.reveal(SYSTEM, purpose="test"))
    return file.name, file.content


@pytest.fixture
def file() -> bytes:
    return jks(PASSWORD, (ANDROID_KEY, PASSWORD), (SECOND, KEY_PASSWORD))


@pytest.fixture
def both(cast: Cast, file: bytes) -> Credential:
    assert add(cast, file, key_password=KEY_PASSWORD, name="Acme Games!").status_code == 302
    return Credential.objects.get()


def test_its_page_shows_every_alias_and_that_one_has_expired(cast: Cast, both: Credential) -> None:
    page = cast.client("root_viewer").get(both.page_path()).content.decode()
    for each in parse_keystore(jks(PASSWORD, (ANDROID_KEY, PASSWORD), (SECOND, PASSWORD)), PASSWORD).entries:
        for shown in (each.alias, each.sha256, each.sha1, each.md5, each.subject, each.algorithm):
            assert shown in page
    assert "Expired" in page  # by the earlier one
    assert both.expires_at is not None
    assert both.expires_at.year == 2021
    assert both.summary == "release, zwei-ü"


def test_the_same_certificates_in_another_file_are_the_same(cast: Cast, both: Credential) -> None:
    other = write_pkcs12([SECOND, ANDROID_KEY], "another")
    answer = add(cast, other, password="another")
    assert answer.status_code == 400
    assert "“Acme Games!”" in answer.content.decode()
    assert add(cast, other, password="another", replace_existing="on").status_code == 302
    both.refresh_from_db()
    assert both.facts["type"] == "PKCS12"


def test_one_alias_at_a_time_where_passwords_differ(cast: Cast, file: bytes) -> None:
    assert add(cast, file, alias="release").status_code == 302
    assert add(cast, file, alias="zwei-ü", key_password=KEY_PASSWORD).status_code == 302
    first, second = Credential.objects.order_by("name")
    assert (first.name, second.name) == ("release", "zwei-ü")
    assert first.facts["closed"] == ["zwei-ü"]
    assert json.loads(second.reveal(SYSTEM, purpose="test"))["key_passwords"] == {"zwei-ü": KEY_PASSWORD}


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"password": "wrong"}, "password", "not the keystore's password"),
        ({}, "key_password", "alias “zwei-ü”"),
        ({"key_password": "wrong"}, "key_password", "alias “release”"),
        ({"alias": "nobody"}, "alias", "There is: “release”, “zwei-ü”."),
    ],
)
def test_what_was_typed_wrong_is_told_at_its_field(
    cast: Cast, file: bytes, fields: dict[str, str], field: str, said: str
) -> None:
    if fields.get("key_password") == "wrong":
        file = jks(PASSWORD, (ANDROID_KEY, KEY_PASSWORD), (SECOND, PASSWORD))
    answer = add(cast, file, **fields)
    assert answer.status_code == 400
    assert said in str(answer.context["form"].errors[field][0])
    assert PASSWORD not in answer.content.decode()


def test_the_file_comes_back_as_it_was(both: Credential, file: bytes) -> None:
    assert exported(both, "keystore") == ("acme-games.keystore", file)


def test_as_pkcs12_it_has_one_password(both: Credential) -> None:
    name, content = exported(both, "pkcs12")
    found = parse_keystore(content, PASSWORD)
    assert (name, found.type) == ("acme-games.p12", "PKCS12")
    assert [each.private_key for each in found.entries] == [ANDROID_KEY.private_key, SECOND.private_key]
    assert {each.key_password for each in found.entries} == {PASSWORD}


def test_for_gradle(both: Credential) -> None:
    name, content = exported(both, "properties")
    assert name == "keystore.properties"
    assert content.decode().splitlines() == [
        "storeFile=acme-games.keystore",
        "storePassword=of the: keystore=",
        "keyAlias=release",
        "keyPassword=of the: keystore=",
        "# keyAlias=zwei-\\u00fc",
        "# keyPassword=schl\\u00fcssel \\\\ 'x'",
    ]


def test_for_a_shell(both: Credential, file: bytes) -> None:
    lines = exported(both, "environment")[1].decode().splitlines()
    assert lines[0] == f"ANDROID_KEYSTORE_BASE64={base64.b64encode(file).decode()}"
    assert lines[1:] == [
        f"ANDROID_KEYSTORE_PASSWORD='{PASSWORD}'",
        "ANDROID_KEY_ALIAS=release",
        f"ANDROID_KEY_PASSWORD='{PASSWORD}'",
    ]


def test_on_the_screen_stand_passwords_and_aliases(both: Credential) -> None:
    assert as_text(both.reveal(SYSTEM, purpose="test")).splitlines() == [
        f"Keystore password: {PASSWORD}",
        "Alias: release",
        f"Key password: {PASSWORD}",
        "Alias: zwei-ü",
        f"Key password: {KEY_PASSWORD}",
    ]


def test_one_is_generated_without_any_word(cast: Cast) -> None:
    page = reverse("add-credential", args=["acme", "android-keystore"])
    address = reverse("generate-credential", args=["acme", "android-keystore"])
    client = cast.client("root_owner")
    assert address in client.get(page).content.decode()
    assert client.get(address).status_code == 200
    assert generate(cast).status_code == 302
    credential = Credential.objects.get()
    (alias,) = credential.facts["aliases"]
    assert (credential.name, len(alias["alias"])) == (alias["alias"], 32)
    assert (alias["subject"], alias["algorithm"]) == (f"CN={cast.root.name}", "RSA, 2048 bits")
    secret = json.loads(credential.reveal(SYSTEM, purpose="test"))
    assert len(secret["keystore_password"]) == 32
    assert secret["key_passwords"] == {alias["alias"]: secret["keystore_password"]}
    entry = parse_keystore(base64.b64decode(secret["keystore"]), secret["keystore_password"]).entries[0]
    assert (entry.not_after - entry.not_before).days == 10_000
    assert exported(credential, "keystore")[0].endswith(".p12")


def test_one_is_generated_as_somebody_wants_it(cast: Cast) -> None:
    wanted = {
        "name": "Upload key", "alias": "upload-é", "password": "123456", "years": "30", "common_name": "Ada",
        "organization_name": "Acmé", "country": "de",
    }  # fmt: skip
    assert generate(cast, **wanted).status_code == 302
    credential = Credential.objects.get()
    (alias,) = credential.facts["aliases"]
    assert (credential.name, alias["alias"], alias["subject"]) == (
        "Upload key",
        "upload-é",
        "CN=Ada,O=Acmé,C=DE",
    )
    assert int(alias["not_after"][:4]) - int(alias["not_before"][:4]) == 30


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "12345"), ("password", "pässwörd"), ("years", "0"), ("years", "101"), ("years", "x"),
        ("country", "D"), ("country", "12"), ("common_name", "x" * 65),
    ],
)  # fmt: skip
def test_what_cannot_be_generated(cast: Cast, field: str, value: str) -> None:
    answer = generate(cast, **{field: value})
    assert answer.status_code == 400
    assert answer.context["form"].errors[field]
    assert not Credential.objects.exists()


def test_other_kinds_are_not_generated(cast: Cast) -> None:
    page = reverse("generate-credential", args=["acme", "microsoft-intune-client"])
    assert cast.client("root_owner").get(page).status_code == 404


def test_an_archive_of_any_size_is_told_what_it_is(cast: Cast) -> None:
    answer = add(cast, b"PK\x03\x04" + bytes(3_000_000), file_name="app.apk")
    assert "an APK, an AAB" in str(answer.context["form"].errors["file"])
