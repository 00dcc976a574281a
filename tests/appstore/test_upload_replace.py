"""The page that replaces the private key of one key."""

import pytest
from django.urls import reverse

from appstore.models import AppStoreConnectKey, KeyType
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests import factories
from tests.appstore.uploading import ISSUER, KEY_ID, counts, errors_of, text_of, upload
from tests.conftest import Cast
from tests.leaks import find_in, forms_of


@pytest.fixture
def key(cast: Cast) -> AppStoreConnectKey:
    return factories.make_key(cast.root, name="Our key", key_id=KEY_ID, issuer_id=ISSUER)


def page_of(key: AppStoreConnectKey, slug: str = "acme") -> str:
    return reverse("replace-credential", args=[slug, key.credential.pk])


@pytest.mark.parametrize(
    "file_name", [f"AuthKey_{KEY_ID}.p8", "renamed.p8", f"authkey_{KEY_ID.lower()} (2).p8"]
)
def test_the_new_private_key_is_what_opens(cast: Cast, key: AppStoreConnectKey, file_name: str) -> None:
    p8 = factories.make_p8()
    answer = upload(cast.client("root_owner"), cast.root, p8, to=page_of(key), file_name=file_name)

    assert answer.status_code == 302
    assert answer["Location"] == key.credential.page_path()
    assert Credential.objects.get(pk=key.credential.pk).reveal(SYSTEM, purpose="test") == p8
    assert AuditEvent.objects.get(action="credential:replaced").actor_user == cast.root_owner


def test_a_file_named_for_another_key_is_refused(cast: Cast, key: AppStoreConnectKey) -> None:
    p8, before, secret = factories.make_p8(), counts(), key.credential.secret
    answer = upload(
        cast.client("root_owner"), cast.root, p8, to=page_of(key), file_name="AuthKey_ABCDEF1234.p8"
    )

    assert answer.status_code == 400
    assert any("named for the key ABCDEF1234, and this is the key 2X9R4HXF34" in e for e in errors_of(answer))
    assert find_in(answer.content, forms_of(p8)) == []
    assert counts() == before
    assert Credential.objects.get().secret == secret


@pytest.mark.parametrize(
    ("file", "fields"),
    [
        (None, {}), (b"junk", {}), (b"", {}), (bytes(300 * 1024), {}), (b"{p8}", {"text": "{p8}"}),
        (b"{p8}", {"key_type": "X"}),
    ],
    ids=["nothing", "junk", "empty", "too large", "both", "no such type"],
)  # fmt: skip
def test_what_the_upload_page_refuses_is_refused_here(
    cast: Cast, key: AppStoreConnectKey, file: bytes | None, fields: dict[str, str]
) -> None:
    p8, secret = factories.make_p8(), key.credential.secret
    answer = upload(
        cast.client("root_owner"),
        cast.root,
        file and file.replace(b"{p8}", p8),
        to=page_of(key),
        **{name: value.replace("{p8}", p8.decode()) for name, value in fields.items()},
    )

    assert answer.status_code == 400
    assert errors_of(answer)
    assert "Nothing was saved." in text_of(answer)
    assert find_in(answer.content, forms_of(p8)) == []
    assert Credential.objects.get().secret == secret


def test_a_key_without_an_issuer_stays_individual(cast: Cast) -> None:
    key = factories.make_key(cast.root, key_type=KeyType.INDIVIDUAL, key_id=KEY_ID)
    client = cast.client("root_owner")

    answer = upload(client, cast.root, factories.make_p8(), to=page_of(key), key_type="TEAM")
    assert answer.status_code == 400
    answer = upload(client, cast.root, factories.make_p8(), to=page_of(key), key_type="INDIVIDUAL")
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("name", "slug", "status"),
    [
        ("root_viewer", "acme", 403),
        ("sub_a_admin", "acme", 404),
        ("sub_a_admin", "acme-games", 403),
        ("root_owner", "acme-games", 403),
        ("sub_b_developer", "acme-travel", 404),
        ("outsider", "acme", 404),
        ("outsider", "globex", 404),
    ],
)
def test_only_who_manages_the_owner_replaces(
    cast: Cast, key: AppStoreConnectKey, name: str, slug: str, status: int
) -> None:
    share(SYSTEM, key.credential, with_all=False, chosen=[cast.sub_a])
    before, secret = counts(), key.credential.secret
    client = cast.client(name)

    assert client.get(page_of(key, slug)).status_code == status
    assert upload(client, cast.root, factories.make_p8(), to=page_of(key, slug)).status_code == status
    assert counts() == before
    assert Credential.objects.get().secret == secret
