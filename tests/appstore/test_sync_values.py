"""Whatever values Apple sends, a sync keeps them and goes on."""

import base64
from typing import Any

import pytest
from django.db.models import CharField
from django.urls import reverse

from appstore.models import AppStoreConnectKey, BundleId, Certificate, Device, Profile
from tests.appstore.apple import Apple, apple_ids, sync, work
from tests.conftest import Cast

UNKNOWN = [
    ("certificates", "certificateType", "QUANTUM_DISTRIBUTION", Certificate, "certificate_type"),
    ("certificates", "platform", "CAR_OS", Certificate, "platform"),
    ("profiles", "profileType", "VISIONOS_APP_STORE", Profile, "profile_type"),
    ("profiles", "profileState", "UNDER_REVIEW", Profile, "profile_state"),
    ("bundleIds", "platform", "SERVICES", BundleId, "platform"),
    ("devices", "deviceClass", "APPLE_RING", Device, "device_class"),
    ("devices", "status", "INELIGIBLE", Device, "status"),
]
HOSTILE = {
    "markup": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "quotes": ('Robert\'); DROP TABLE "certificate";--', 'Robert\'); DROP TABLE "certificate";--'),
    "a zero byte": ("a\x00b", "ab"),
    "writing turned round": ("gpj.\u202eexe", "gpj.exe"),
    "emoji": ("👩🏽‍💻 iPhone", "👩🏽‍💻 iPhone"),
    "line breaks": (" a\r\nb\t", "ab"),
    "far too long": ("x" * 5000, "x" * 255),
    "nothing": ("", ""),
    "null": (None, ""),
    "a number": (7, ""),
    "an object": ({"a": []}, ""),
}


@pytest.mark.parametrize(
    ("collection", "attribute", "value", "model", "column"), UNKNOWN, ids=[row[1] for row in UNKNOWN]
)
def test_an_enum_value_that_is_new_is_kept_as_apple_spells_it(
    cast: Cast, apple: Apple, collection: str, attribute: str, value: str, model: Any, column: str
) -> None:
    chosen = apple.ids(collection)[0]
    apple.sandbox.update(apple.team, collection, chosen, **{attribute: value})
    key = apple.upload(cast.root)
    work()
    row = model.objects.get(team=key.team, apple_id=chosen)
    assert getattr(row, column) == value
    # Its pages open as well.
    slug = {"bundleIds": "bundle-ids"}.get(collection, collection)
    client = cast.client("root_owner")
    assert client.get(reverse("apple-objects", args=[cast.root.slug, slug])).status_code == 200
    assert client.get(reverse("apple-object", args=[cast.root.slug, slug, row.pk])).status_code == 200


@pytest.mark.parametrize(("sent", "kept"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_names(apple: Apple, key: AppStoreConnectKey, sent: object, kept: str) -> None:
    for collection in ("bundleIds", "certificates", "devices", "profiles"):
        apple.sandbox.update(apple.team, collection, apple.ids(collection)[0], name=sent)
    work()
    for collection, model in MODELS.items():
        assert model.objects.get(team=key.team, apple_id=apple.ids(collection)[0]).name == kept
    assert sync(key.team).counts["devices"]["changed"] == 0


MODELS: dict[str, Any] = {
    "bundleIds": BundleId,
    "certificates": Certificate,
    "devices": Device,
    "profiles": Profile,
}


@pytest.mark.parametrize("collection", list(MODELS))
def test_texts_longer_than_their_columns_are_cut(
    apple: Apple, key: AppStoreConnectKey, collection: str
) -> None:
    """PostgreSQL refuses what SQLite swallows, so the lengths are looked at here."""
    chosen = apple.objects(collection)[0]
    texts = [name for name, value in chosen["attributes"].items() if isinstance(value, str)]
    dates_and_files = {
        "expirationDate", "createdDate", "addedDate", "certificateContent", "profileContent",
    }  # fmt: skip
    longer = {name: f"{name} " * 100 for name in texts if name not in dates_and_files}
    apple.sandbox.update(apple.team, collection, chosen["id"], **longer)
    work()
    model = MODELS[collection]
    row = model.objects.get(team=key.team, apple_id=chosen["id"])
    for field in model._meta.concrete_fields:
        if isinstance(field, CharField):
            assert len(getattr(row, field.name)) <= field.max_length, field.name
    assert sync(key.team).counts[collection]["changed"] == 0


@pytest.mark.parametrize("content", ["", None, "!", "AAAA", base64.b64encode(b"\x30\x82" * 40).decode()])
def test_a_certificate_whose_bytes_are_none(
    apple: Apple, key: AppStoreConnectKey, content: str | None
) -> None:
    chosen = apple.ids("certificates")[0]
    apple.sandbox.update(apple.team, "certificates", chosen, certificateContent=content)
    work()
    row = Certificate.objects.get(team=key.team, apple_id=chosen)
    assert (row.sha1, row.sha256, row.public_key_sha256) == ("", "", "")
    assert row.expiration_date is not None
    assert Certificate.objects.exclude(pk=row.pk).get().sha256


def test_a_profile_whose_content_is_not_signed_is_linked_by_what_apple_tells(
    apple: Apple, key: AppStoreConnectKey
) -> None:
    chosen = apple.ids("profiles")[0]
    junk = base64.b64encode(b"<plist>no</plist>").decode()
    apple.sandbox.update(apple.team, "profiles", chosen, profileContent=junk)
    work()
    row = Profile.objects.get(team=key.team, apple_id=chosen)
    assert bytes(row.profile_content or b"") == b"<plist>no</plist>"
    assert apple_ids(row.certificates.all()) == set(apple.ids("certificates"))
    assert apple_ids(row.devices.all()) == set(apple.ids("devices"))


@pytest.mark.parametrize("text", ["soon", "", None, 12, "9999-12-31T23:59:59.000-1200", "0001-01-01"])
def test_dates_that_are_none(apple: Apple, key: AppStoreConnectKey, text: object) -> None:
    apple.sandbox.update(apple.team, "profiles", apple.ids("profiles")[0], createdDate=text)
    apple.sandbox.update(apple.team, "devices", apple.ids("devices")[0], addedDate=text)
    work()
    assert Profile.objects.count() == 2
    assert Device.objects.count() == 4
    assert sync(key.team).counts["devices"]["changed"] == 0
